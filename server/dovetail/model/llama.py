"""The engine: one model in one llama.cpp context, through the low-level C interface.

Not through llama-cpp-python's `Llama` class: its fill-in-the-middle inserts wrong token ids, its
detokenizer drops long tokens, and a bad grammar kills the process. One engine belongs to one thread
at a time; only `count` may be called from another.

Each purpose keeps its own sequence in one KV cache, so a hover does not cost the typing its prefix.
`complete` is a generator that pauses wherever the engine is in order: between chunks of a prompt,
between tokens, between candidates. Whoever drives it may run another one in between. A sequence that
was dropped meanwhile for lack of room is evaluated again: `_hold` makes that one case of the ordinary one.
"""

from __future__ import annotations

import codecs
import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

# Before libgomp and ggml are loaded: threads that spin at barriers are ten times slower on a busy
# machine, and ggml's abort handler would start a debugger.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("GGML_NO_BACKTRACE", "1")

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from dovetail.model import fim, gbnf
from dovetail.model.ask import Answer, Ask, Chat, Fim, ModelInfo, Stopped
from dovetail.model.gguf import Header, ModelRefused, digest

L: Any = llama_cpp  # its ctypes signatures say too little for strict types

BATCH = 48
"""Tokens evaluated at once. Few, so that an abort is heard within milliseconds; and fewer than 64, from where
on flash attention on a CPU takes another kernel: below, a token's logits are the same to the last bit however
the prompt was cut and whatever was reused, so an answer does not depend on what was asked before."""
CONTEXT = 4096
SMALL = 50_000_000
"""Models below so many parameters run on one thread and no GPU: handing over costs more than it gains."""
GRAMMAR_SECONDS = 2.0
"""CPU time for one step of a grammar. Then SIGVTALRM ends the process: nothing else stops llama.cpp there."""
STEP = 64
"""A prefix that is too long loses a multiple of this, so that its start (and its KV) stays for a while."""

_FAR = 4096
"""The same in characters, where the prefix is longer than any context."""

_HOME = {"typing": 0, "hover": 1, "action": 2}
_BRANCH = len(_HOME)
"""The candidates of a purpose branch off into its sequence + 3."""
_CANDIDATE = np.dtype([("id", "<i4"), ("logit", "<f4"), ("p", "<f4")])
"""The layout of `llama_token_data`."""
_SYSTEM, _USER = "@@the-system-prompt@@", "@@the-question@@"

Logits = NDArray[np.float32]
Steps = Generator[None, None, Any]


class Cancelled(Exception):
    """Whoever asked does not want the answer any more."""


class AskRefused(Exception):
    """This model cannot answer this; `reason` is a sentence for a person."""

    def __init__(self, reason: str, kind: Literal["refused", "failed"] = "refused") -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind: Literal["refused", "failed"] = kind


_errors: list[str] = []


@L.llama_log_callback
def _log(level: int, text: bytes, _: object) -> None:
    """Keep errors; llama.cpp would write some 900 lines to stderr for each context."""
    if level == 4 and len(_errors) < 16:  # GGML_LOG_LEVEL_ERROR
        _errors.append(text.decode("utf-8", "replace").strip())


class Engine:
    """A loaded model. Raises `ModelRefused` where llama.cpp will not load it."""

    def __init__(self, header: Header, *, context: int = 0, threads: int = 0) -> None:
        """`context` (tokens of prompt and answer together) and `threads`: 0 for what suits the model here."""
        L.llama_log_set(_log, ctypes.c_void_p(0))
        L.llama_backend_init()
        _errors.clear()
        self._header = header
        hashing = ThreadPoolExecutor(1)
        sha256 = hashing.submit(digest, header)  # as much reading as the load itself, so beside it
        hashing.shutdown(wait=False)
        self._template = fim.template_for(f"{header.name} {header.path.stem}")
        small = header.parameters < SMALL
        params = L.llama_model_default_params()
        if small:
            params.n_gpu_layers = 0
        self._model = L.llama_model_load_from_file(str(header.path).encode(), params)
        if not self._model:
            raise ModelRefused(_told(f"llama.cpp cannot load {header.path.name}"))
        self._vocab = L.llama_model_get_vocab(self._model)
        self._size = int(L.llama_vocab_n_tokens(self._vocab))
        if not L.llama_model_has_decoder(self._model) or L.llama_model_has_encoder(self._model):
            raise ModelRefused(f"{header.path.name} does not generate text: choose another model.")
        trained = header.number(fim.LENGTH_KEY) or (self._template.trained if self._template else 0)
        bounds = (context or CONTEXT, header.context, trained)
        self.context = max(2 * BATCH, min(bound for bound in bounds if bound))
        self.threads = threads or (1 if small else max(1, _cores() - 1))
        self._ctx = self._new_context()
        self._memory = L.llama_get_memory(self._ctx)
        self._batch = L.llama_batch_init(BATCH, 0, 1)
        self._interrupted: Callable[[], bool] = lambda: False
        self._abort = L.ggml_abort_callback(lambda _: self._interrupted())  # pyright: ignore[reportUnknownLambdaType]
        L.llama_set_abort_callback(self._ctx, self._abort, None)
        self._kv: list[list[int]] = [[] for _ in range(2 * _BRANCH)]
        """Per sequence the tokens whose KV is there."""
        self._used = [0] * len(self._kv)
        self._clock = 0
        self._special = np.array([L.llama_vocab_is_control(self._vocab, i) for i in range(self._size)])
        """Control tokens: they end an answer and are never part of one."""
        self._ends = np.array([L.llama_vocab_is_eog(self._vocab, i) for i in range(self._size)])
        self._bos = [int(L.llama_vocab_bos(self._vocab))] if L.llama_vocab_get_add_bos(self._vocab) else []
        self._layout = fim.layout_of(self._template, header.text(fim.ORDER_KEY))
        self._markers = self._find_markers()
        self._chats = {with_system: self._chat_parts(with_system) for with_system in (True, False)}
        self.info = self._describe(sha256.result())

    def close(self) -> None:
        """Free everything; the engine is of no use afterwards."""
        if self._ctx:
            L.llama_batch_free(self._batch)
            L.llama_free(self._ctx)
            L.llama_model_free(self._model)
            self._ctx = None

    # --- tokens -----------------------------------------------------------------------------------

    def count(self, text: str) -> int:
        """Tokens of this text. May be called while another thread decodes."""
        data = text.encode("utf-8", "replace")
        return -int(L.llama_tokenize(self._vocab, data, len(data), None, 0, False, False))

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Token ids. Unless `special`, nothing in the text can become a control token."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        ids = (L.llama_token * room)()
        return ids[: L.llama_tokenize(self._vocab, data, len(data), ids, room, False, special)]

    def piece(self, token: int) -> bytes:
        """The bytes of a token; of a control token none."""
        room = 64
        while True:
            data = ctypes.create_string_buffer(room)
            length = int(L.llama_token_to_piece(self._vocab, token, data, room, 0, False))
            if length >= 0:
                return data.raw[:length]
            room = -length

    # --- prompts ----------------------------------------------------------------------------------

    def prompt(self, ask: Ask) -> list[int]:
        """Token ids of the prompt, with the model's own markers; leaves room for the answer.

        Raises `AskRefused` if the model lacks markers or template for it, or if a question is too long.
        """
        room = self.context - self.limit(ask)
        match ask.prompt:
            case Fim() as wish:
                return self._fim_prompt(wish, room)
            case Chat() as wish:
                return self._chat_prompt(wish, room)

    def limit(self, ask: Ask) -> int:
        """New tokens: what is asked for, at most half the context."""
        return max(1, min(ask.limit, self.context // 2))

    def _fim_prompt(self, wish: Fim, room: int) -> list[int]:
        markers = self._markers
        if any(part in self._layout and markers[part] is None for part in ("pre", "suf", "mid")):
            raise AskRefused(
                f"{self.info.name} cannot fill in the middle: its file has no markers for that. "
                "Choose a code model such as Qwen2.5-Coder."
            )
        room -= len(self._bos) + 3
        # A token has few characters: cut by them first, so that a huge text costs nothing.
        far = max(0, len(wish.prefix) - 32 * room)
        prefix = self.tokenize(wish.prefix[-(-far // _FAR) * _FAR :])
        suffix = self.tokenize(wish.suffix[: 32 * room])
        suffix = suffix[: max(room // 4, room - len(prefix))]
        over = len(prefix) + len(suffix) - room
        if over > 0:
            prefix = prefix[min(len(prefix), -(-over // STEP) * STEP) :]
        room -= len(prefix) + len(suffix)
        parts: dict[fim.Part, list[int]] = {
            "pre": [markers["pre"] or 0],
            "suf": [markers["suf"] or 0],
            "mid": [markers["mid"] or 0],
            "PREFIX": prefix,
            "SUFFIX": suffix,
        }
        tokens = [*self._bos, *self._files(wish, room)]
        for part in fim.arrange(self._layout, parts):
            tokens += part
        return tokens

    def _files(self, wish: Fim, room: int) -> list[int]:
        """The other files between the model's file markers, as many as there is room for, and the own path."""
        repo, file = self._markers["repo"], self._markers["file"]
        if file is None:
            return []
        own = [file, *self.tokenize(f"{wish.path}\n")] if wish.path else []
        head = [] if repo is None else [repo, *self.tokenize(fim.PROJECT)]
        found: list[int] = []
        for path, text in wish.context:
            more = [file, *self.tokenize(f"{path}\n{text[: 32 * room]}")]
            if len(head) + len(found) + len(more) + len(own) > room:
                break
            found += more
        tokens = head + found + own
        return tokens if (found or own) and len(tokens) <= room else []

    def _chat_prompt(self, wish: Chat, room: int) -> list[int]:
        parts = self._chats[bool(wish.system)]
        if parts is None:
            raise AskRefused(
                f"{self.info.name} answers no questions: its file has no chat template that llama.cpp knows. "
                "Choose a model whose name ends in Instruct."
            )
        if len(wish.system) + len(wish.user) > 64 * room:
            raise AskRefused("The question is longer than the model's context.")
        tokens: list[int] = []
        for part in parts:
            plain = {_SYSTEM: wish.system, _USER: wish.user}.get(part)
            tokens += self.tokenize(part, special=True) if plain is None else self.tokenize(plain)
        if tokens[: len(self._bos)] != self._bos:
            tokens = self._bos + tokens
        if len(tokens) > room:
            raise AskRefused(f"The question takes {len(tokens)} tokens, {room} fit into the model's context.")
        return tokens

    def _chat_parts(self, with_system: bool) -> tuple[str, ...] | None:
        """The model's chat template, applied once to two placeholders and cut there; None without one.

        So the template's own control tokens are known from the user's text, which may spell the same.
        """
        template = L.llama_model_chat_template(self._model, None)
        if not template:
            return None
        said = ((b"system", _SYSTEM),) * with_system + ((b"user", _USER),)
        messages = (L.llama_chat_message * len(said))()
        for message, (role, text) in zip(messages, said, strict=True):
            message.role, message.content = role, text.encode()
        data = ctypes.create_string_buffer(1 << 14)
        length = int(L.llama_chat_apply_template(template, messages, len(said), True, data, len(data)))
        if not 0 < length <= len(data):
            return None
        text = data.raw[:length].decode("utf-8", "replace")
        if with_system and text.count(_SYSTEM) == 0:  # templates without a system role
            text = text.replace(_USER, f"{_SYSTEM}\n\n{_USER}")
        parts: list[str] = []
        for mark in (_SYSTEM, _USER)[1 - with_system :]:
            before, found, text = text.partition(mark)
            if not found:
                return None
            parts += [before, mark]
        return tuple(part for part in (*parts, text) if part)

    def _find_markers(self) -> dict[str, int | None]:
        """Token ids of the markers: told by the file, else spelled as in the family's row; else None."""
        row = self._template
        found: dict[str, int | None] = {}
        for part, name in (("pre", "pre"), ("suf", "suf"), ("mid", "mid"), ("repo", "rep"), ("file", "sep")):
            token = int(getattr(L, f"llama_vocab_fim_{name}")(self._vocab))
            if token < 0 and row and (spelled := getattr(row, part).strip()):
                ids = self.tokenize(spelled, special=True)
                token = ids[0] if len(ids) == 1 and L.llama_vocab_is_control(self._vocab, ids[0]) else -1
            found[part] = token if token >= 0 else None
        if row is None or not row.repo:  # many a vocabulary has it, unused
            found["repo"] = None
        if row and not row.files:
            found["file"] = None
        return found

    # --- answers ----------------------------------------------------------------------------------

    def complete(
        self, ask: Ask, cancelled: Callable[[], bool], urgent: Callable[[], bool] = lambda: False
    ) -> Generator[None, None, list[Answer]]:
        """Answer, pausing wherever another ask may be answered in between.

        `cancelled` and `urgent` are read inside the decode as well, several times a millisecond: when
        `urgent`, the running chunk is given up (and done again later) and the generator pauses at once.
        Raises `AskRefused` and `Cancelled`; either leaves the engine in order.
        """
        started = time.monotonic()
        if ask.grammar is not None:
            self._vet(ask.grammar)
        prompt = self.prompt(ask)
        home = _HOME[ask.purpose]
        reused = min(_shared(self._kv[home], prompt), len(prompt) - 1)
        job = _Job(ask, cancelled, urgent, home)
        try:
            logits: Logits = yield from self._hold(job, home, prompt)
            found: list[Answer] = []
            for index in range(_count(ask)):
                said = yield from self._candidate(job, prompt, logits, index)
                if said is not None:
                    text, tokens, logprob, stopped = said
                    seconds, started = time.monotonic() - started, time.monotonic()
                    known = reused if index == 0 else len(prompt)
                    found.append(Answer(text, tokens, logprob, stopped, len(prompt), known, seconds))
                yield
        finally:
            self._drop(home + _BRANCH)
            self._interrupted = lambda: False
        if not found:
            raise AskRefused("The grammar leads to a point where no token of this model fits.")
        return found

    def _candidate(
        self, job: _Job, prompt: list[int], logits: Logits, index: int
    ) -> Generator[None, None, tuple[str, int, float, Stopped] | None]:
        """One answer: text, tokens, mean log-probability, why it ended; None if its grammar led nowhere."""
        ask = job.ask
        sequence = job.home
        if _count(ask) > 1:
            sequence += _BRANCH
            self._branch(job.home, sequence, len(prompt))
        tokens = list(prompt)
        random = np.random.default_rng((ask.seed + index) % 2**63)
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        longest = max(map(len, ask.stop), default=0)
        text, said, total = "", 0, 0.0
        with self._grammar(ask.grammar) as grammar:
            while True:
                token, logprob = self._pick(logits, ask.temperature, random, grammar)
                if token is None:
                    return None
                if self._special[token] or self._ends[token]:
                    stopped: Stopped = "grammar" if grammar else "end"
                    break
                said, total = said + 1, total + logprob
                before = len(text)
                text += decoder.decode(self.piece(token))
                hits = [text.find(stop, max(0, before - longest)) for stop in ask.stop if stop]
                if hits := [hit for hit in hits if hit >= 0]:
                    text, stopped = text[: min(hits)], "stop"
                    break
                if said == self.limit(ask):
                    stopped = "limit"
                    break
                if grammar:
                    with _cpu_limit():
                        L.llama_sampler_accept(grammar, token)
                tokens.append(token)
                logits = yield from self._hold(job, sequence, tokens)
                yield
        return text, said, total / said if said else 0.0, stopped

    def _pick(
        self, logits: Logits, temperature: float, random: np.random.Generator, grammar: Any
    ) -> tuple[int | None, float]:
        """The next token and its log-probability before temperature and grammar; None if none may be next."""
        top = float(logits.max())
        if not np.isfinite(top):
            raise AskRefused("The model computes no numbers: its file is damaged, download it again.", "failed")
        norm = top + float(np.log(np.exp(logits - top).sum()))
        if grammar is None:
            token = self._draw(logits, temperature, random)
            return token, float(logits[token]) - norm
        # Nearly always one of the likeliest fits, and asking about few costs nothing.
        for pool in (_likeliest(logits, 256), np.arange(self._size)):
            allowed = self._allowed(grammar, pool, logits)
            if allowed.size:
                token = int(allowed[self._draw(logits[allowed], temperature, random)])
                return token, float(logits[token]) - norm
        return None, 0.0

    def _draw(self, logits: Logits, temperature: float, random: np.random.Generator) -> int:
        """An index into these logits: the largest, or one of the top 40 by chance."""
        if temperature <= 0:
            return int(logits.argmax())
        top = _likeliest(logits, 40)
        weights = np.exp((logits[top].astype(np.float64) - logits[top[0]]) / temperature)
        return int(top[random.choice(top.size, p=weights / weights.sum())])

    # --- grammars ---------------------------------------------------------------------------------

    def _vet(self, grammar: str) -> None:
        try:
            gbnf.vet(grammar)
        except gbnf.GrammarRefused as refused:
            raise AskRefused(refused.reason) from None

    @contextlib.contextmanager
    def _grammar(self, grammar: str | None) -> Generator[Any]:
        """The grammar's state at the start of an answer, freed afterwards; None without a grammar."""
        if grammar is None:
            yield None
            return
        with _cpu_limit():
            state = L.llama_sampler_init_grammar(self._vocab, grammar.encode(), b"root")
        if not state:
            raise AskRefused("llama.cpp refuses the grammar.")
        try:
            yield state
        finally:
            L.llama_sampler_free(state)

    def _allowed(self, grammar: Any, ids: NDArray[np.intp], logits: Logits) -> NDArray[np.intp]:
        """Those of the ids that the grammar lets come next. Only these may be accepted: others abort."""
        ids = ids[~self._special[ids] | self._ends[ids]]
        candidates = np.zeros(ids.size, _CANDIDATE)
        candidates["id"], candidates["logit"] = ids, logits[ids]
        pointer: Any = candidates.ctypes.data_as(L.llama_token_data_p)
        array = L.llama_token_data_array(data=pointer, size=ids.size, selected=-1, sorted=False)
        if ids.size:
            with _cpu_limit():
                L.llama_sampler_apply(grammar, ctypes.byref(array))
        return ids[np.isfinite(candidates["logit"])]

    # --- the KV cache -----------------------------------------------------------------------------

    def forget(self) -> None:
        """Drop all sequences, after an error that may have left them in disorder."""
        L.llama_memory_clear(self._memory, True)
        for kept in self._kv:
            kept.clear()

    def _hold(self, job: _Job, sequence: int, tokens: list[int]) -> Steps:
        """Make the sequence hold exactly these tokens; the logits after the last. Pauses between chunks."""
        while True:
            kept = min(_shared(self._kv[sequence], tokens), len(tokens) - 1)
            self._truncate(sequence, kept)
            kept = len(self._kv[sequence])
            chunk = tokens[kept : kept + BATCH]
            last = kept + len(chunk) == len(tokens)
            if job.cancelled():
                raise Cancelled
            if self._decode(job, sequence, chunk, last) and last:
                pointer = L.llama_get_logits_ith(self._ctx, -1)
                return np.array(np.ctypeslib.as_array(pointer, shape=(self._size,)))
            yield

    def _decode(self, job: _Job, sequence: int, chunk: list[int], last: bool) -> bool:
        """Append the chunk to the sequence. False if something urgent came in between: nothing changed."""
        kept = self._kv[sequence]
        batch = self._batch
        batch.n_tokens = len(chunk)
        for i, token in enumerate(chunk):
            batch.token[i], batch.pos[i] = token, len(kept) + i
            batch.n_seq_id[i], batch.seq_id[i][0] = 1, sequence
            batch.logits[i] = last and i == len(chunk) - 1
        self._clock += 1
        self._used[sequence] = self._used[job.home] = self._clock
        self._interrupted = job.interrupted
        while (result := L.llama_decode(self._ctx, batch)) == 1:
            self._make_room(job)
        if result == 0:
            kept += chunk
            return True
        if result != 2:
            self.forget()
            raise AskRefused(f"llama.cpp could not evaluate the prompt (code {result}).", "failed")
        self._truncate(sequence, len(kept), dirty=True)
        if job.cancelled():
            raise Cancelled
        return False

    def _make_room(self, job: _Job) -> None:
        """Drop the sequence that was used longest ago and is not this job's."""
        own = (job.home, job.home + _BRANCH)
        others = [i for i, kept in enumerate(self._kv) if kept and i not in own]
        if not others:
            self.forget()
            raise AskRefused("The prompt does not fit into the model's context.")
        self._drop(min(others, key=self._used.__getitem__))

    def _branch(self, source: int, sequence: int, length: int) -> None:
        """Let the sequence begin with the first `length` tokens of the source, at no cost."""
        self._drop(sequence)
        if len(self._kv[source]) >= length:
            L.llama_memory_seq_cp(self._memory, source, sequence, 0, length)
            self._kv[sequence] = self._kv[source][:length]

    def _truncate(self, sequence: int, length: int, *, dirty: bool = False) -> None:
        """Keep the first `length` tokens; `dirty` if llama.cpp may hold more than we know of."""
        if length == len(self._kv[sequence]) and not dirty:
            return
        if length == 0 or not L.llama_memory_seq_rm(self._memory, sequence, length, -1):
            self._drop(sequence)  # recurrent models cannot forget a part
        else:
            del self._kv[sequence][length:]

    def _drop(self, sequence: int) -> None:
        L.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        self._kv[sequence] = []

    # --- loading ----------------------------------------------------------------------------------

    def _new_context(self) -> Any:
        params = L.llama_context_default_params()
        # Cells for all purposes together. For small models they cost next to nothing.
        params.n_ctx = max(self.context, CONTEXT)
        params.n_batch = params.n_ubatch = BATCH
        params.n_threads = params.n_threads_batch = self.threads
        params.n_seq_max, params.kv_unified, params.swa_full, params.no_perf = 2 * _BRANCH, True, True, True
        context = L.llama_init_from_model(self._model, params)
        if not context:
            L.llama_model_free(self._model)
            raise ModelRefused(_told(f"llama.cpp cannot run {self._header.path.name} here"))
        return context

    def _describe(self, sha256: str) -> ModelInfo:
        header, markers = self._header, self._markers
        fills = not any(part in self._layout and markers[part] is None for part in ("pre", "suf", "mid"))
        details = {
            "architecture": header.architecture,
            "parameters": f"{header.parameters:,}",
            "quantisation": header.quantisation,
            "size": f"{header.size / 1e6:,.1f} MB",
            "licence": header.text("general.license") or "not told",
            "family": self._template.family if self._template else "unknown",
            "context": f"{self.context} tokens; the file promises {header.context}",
            "threads": f"{self.threads} of {_cores()} cores",
        }
        return ModelInfo(
            name=header.name,
            digest=sha256,
            path=str(header.path),
            context=self.context,
            fim=fim.order_of(self._layout) if fills else None,
            chat=self._chats[False] is not None,
            repository=fills and markers["file"] is not None,
            details=details,
        )


class _Job:
    """What `_hold` needs to know of the ask that it works for."""

    __slots__ = ("ask", "cancelled", "home", "interrupted")

    def __init__(self, ask: Ask, cancelled: Callable[[], bool], urgent: Callable[[], bool], home: int) -> None:
        self.ask, self.cancelled, self.home = ask, cancelled, home
        self.interrupted: Callable[[], bool] = lambda: cancelled() or urgent()


def _count(ask: Ask) -> int:
    """Candidates to make: without temperature they would all be the same."""
    return max(1, ask.candidates) if ask.temperature > 0 else 1


def _shared(kept: list[int], tokens: list[int]) -> int:
    """Length of the common prefix."""
    length = min(len(kept), len(tokens))
    if kept[:length] == tokens[:length]:
        return length
    return next(i for i, (a, b) in enumerate(zip(kept, tokens, strict=False)) if a != b)


def _likeliest(logits: Logits, count: int) -> NDArray[np.intp]:
    """Indices of the largest logits, largest first; ties by index."""
    if count >= logits.size:
        top = np.arange(logits.size)
    else:
        top = np.sort(np.argpartition(logits, -count)[-count:])
    return top[np.argsort(-logits[top], kind="stable")]


@contextlib.contextmanager
def _cpu_limit() -> Generator[None]:
    """End the process if llama.cpp computes too long inside: it cannot be interrupted in a grammar."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.setitimer(signal.ITIMER_VIRTUAL, GRAMMAR_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _told(what: str) -> str:
    """A sentence with llama.cpp's own last error, which names no place on this machine."""
    reasons = [line.rpartition("error loading model: ")[2] for line in _errors if "error loading model: " in line]
    reason = f" ({reasons[-1][:200]})" if reasons and os.sep not in reasons[-1] else ""
    return f"{what}{reason}: choose another model or download it again."


def _cores() -> int:
    """Physical cores that this process may use."""
    if not hasattr(os, "sched_getaffinity"):
        return max(1, (os.cpu_count() or 2) // 2)
    usable = os.sched_getaffinity(0)
    siblings: set[str] = set()
    for cpu in usable:
        with contextlib.suppress(OSError):
            siblings.add(Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list").read_text())
    return len(siblings) or len(usable)
