"""The engine: one model in one llama.cpp context, through the low-level C interface.

Not through llama-cpp-python's `Llama` class: its fill-in-the-middle inserts wrong token ids, its
detokenizer drops long tokens, and a bad grammar kills the process. One engine belongs to one thread
at a time; only `count` may be called from another.

Each purpose keeps its own sequence in one KV cache, so a hover does not cost the typing its prefix; one that
begins as another's does takes that over. Candidates branch off without evaluating the prompt again, and are
decoded in one batch where that was measured to be faster.
`complete` is a generator that pauses wherever the engine is in order: between chunks of a prompt,
between tokens, between candidates. Whoever drives it may run another one in between. A sequence that
was dropped meanwhile for lack of room is evaluated again: `_hold` makes that one case of the ordinary one.
"""

from __future__ import annotations

import codecs
import contextlib
import ctypes
import math
import os
import signal
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

# Before libgomp and ggml are loaded: threads that spin at barriers are ten times slower on a busy
# machine, and ggml's abort handler would start a debugger.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("GGML_NO_BACKTRACE", "1")

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from dovetail.model import fim, fit, gbnf
from dovetail.model.ask import NO_THOUGHT, Answer, Ask, Chat, Cost, Fim, ModelInfo, Stopped, Thought
from dovetail.model.gguf import Header, ModelRefused, digest
from dovetail.model.kept import LARGEST, Kept

L: Any = llama_cpp  # its ctypes signatures say too little for strict types

BATCH = 48
"""Tokens evaluated at once. Few, so that an abort is heard within milliseconds; and fewer than 64, from where
on flash attention on a CPU takes another kernel: below, a token's logits are the same to the last bit however
the prompt was cut and whatever was reused, so an answer does not depend on what was asked before. (Asks that
interleave may fill each other's gaps in the cache, and then the order of a sum can change its last bit.)"""
TYPING = 2048
"""Cells that are there beside a whole context, so that an action leaves the typing its prefix."""
_THINK, _THOUGHT = "<think>\n", "\n</think>\n\n"
"""How a thinking model is told to think, and that it has thought (Qwen3's form; arXiv:2505.09388, 4.7 on ending it)."""
_THINKING = 0.6
"""The temperature of a thought: greedy ones go in circles."""
_SHORTEST = 32
"""Tokens of room below which no thought is begun."""
DRAFT = 8
"""At most so many tokens of a draft are evaluated at once."""
WIDTH = 8
"""At most so many candidates are decoded in one batch."""
GRAMMAR_SECONDS = 2.0
"""CPU time for one step of a grammar. Then SIGVTALRM ends the process: nothing else stops llama.cpp there."""
STEP = 64
"""A prefix that is too long loses a multiple of this, so that its start (and its KV) stays for a while."""

_FAR = 4096
"""The same in characters, where the prefix is longer than any context."""

_HOME = {"typing": 0, "hover": 1, "action": 2, "prefetch": 3}
_ADOPT = 16
"""A prefix that another sequence has is taken over if it is so many tokens longer than the own one."""
WORTH = 0.25
"""Seconds of reading that make it worth to keep a prompt for the next start."""
NEW = 0.25
"""So much of a prompt must differ from what was kept last: not each pause of typing writes a file of megabytes."""
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


class _TimeUp(Exception):
    """`Ask.seconds` are over."""


_errors: list[str] = []


@L.llama_log_callback
def _log(level: int, text: bytes, _: object) -> None:
    """Keep errors; llama.cpp would write some 900 lines to stderr for each context."""
    if level == 4 and len(_errors) < 16:  # GGML_LOG_LEVEL_ERROR
        _errors.append(text.decode("utf-8", "replace").strip())


def load(header: Header) -> Any:
    """The model in this file. Raises `ModelRefused`."""
    L.llama_log_set(_log, ctypes.c_void_p(0))
    L.llama_backend_init()
    _errors.clear()
    params = L.llama_model_default_params()
    if header.parameters < fit.SMALL:
        params.n_gpu_layers = 0
    model = L.llama_model_load_from_file(str(header.path).encode(), params)
    if not model:
        raise ModelRefused(told(f"llama.cpp cannot load {header.path.name}"))
    return model


class Engine:
    """A loaded model. Raises `ModelRefused` where llama.cpp will not load it."""

    def __init__(
        self,
        header: Header,
        *,
        context: int = 0,
        threads: int = 0,
        measured: fit.Fit | None = None,
        thought: Thought = NO_THOUGHT,
    ) -> None:
        """`context` (tokens of prompt and answer together) and `threads`: 0 for what suits the model here.

        `measured` is what an earlier load found out; without it a part of the first seconds goes into measuring.
        """
        self._header, self._thought = header, thought
        hashing = ThreadPoolExecutor(1)
        known = measured.digest if measured else ""
        # as much reading as the load itself, so beside it
        sha256 = hashing.submit(lambda: known or digest(header))
        hashing.shutdown(wait=False)
        self._template = fim.template_for(f"{header.name} {header.path.stem}")
        small = header.parameters < fit.SMALL
        self._model = load(header)
        self._vocab = L.llama_model_get_vocab(self._model)
        self._size = int(L.llama_vocab_n_tokens(self._vocab))
        if not L.llama_model_has_decoder(self._model) or L.llama_model_has_encoder(self._model):
            raise ModelRefused(f"{header.path.name} does not generate text: choose another model.")
        recurrent = L.llama_model_is_recurrent(self._model) or L.llama_model_is_hybrid(self._model)
        self._partial = not recurrent
        """A sequence can be cut and copied anywhere, not only at its end."""
        self._window = max(0, int(L.llama_model_n_swa(self._model)))
        """Tokens that some layers look back at; 0 where all see everything."""
        self._width = WIDTH if self._partial else 1
        self._kv: list[list[int]] = [[] for _ in range(len(_HOME) * (1 + self._width))]
        """Per sequence the tokens whose KV is there: one a purpose, then the candidates of each."""
        self._used = [0] * len(self._kv)
        self._clock = 0
        self._kept: Kept | None = None
        self._saved: list[int] = []
        """The prompt that was kept last."""
        self._private = False
        """Nothing of what is typed in may be kept."""
        self._interrupted: Callable[[], bool] = lambda: False
        self._abort = L.ggml_abort_callback(lambda _: self._interrupted())  # pyright: ignore[reportUnknownLambdaType]
        self._batch = L.llama_batch_init(BATCH, 0, 1)
        self.fit = measured or self._measure(threads or (1 if small else 0))
        if not self.fit.together:
            self._width = 1
        trained = header.number(fim.LENGTH_KEY) or (self._template.trained if self._template else 0)
        bytes_per_token = self._bytes_per_token()
        fitting, self._bound_by = fit.context_for(self.fit.reads, bytes_per_token, fit.free_memory())
        bounds = [(context or fitting, "as you set it" if context else self._bound_by)]
        bounds += [(header.context, "the file promises no more"), (trained, "it was trained on no more")]
        bound, self._bound_by = min(((n, why) for n, why in bounds if n), key=lambda bound: bound[0])
        self.context = max(2 * BATCH, bound)
        cells = max(self.context + min(self.context, TYPING) + WIDTH * BATCH, fit.CONTEXT if small else 0)
        self._cells = -(-cells // 256) * 256
        self._open_context(self._cells, threads or self.fit.threads, threads or self.fit.reading)
        self._special = np.array([L.llama_vocab_is_control(self._vocab, i) for i in range(self._size)])
        """Control tokens: they end an answer and are never part of one."""
        self._ends = np.array([L.llama_vocab_is_eog(self._vocab, i) for i in range(self._size)])
        self._bos = [int(L.llama_vocab_bos(self._vocab))] if L.llama_vocab_get_add_bos(self._vocab) else []
        self._layout = fim.layout_of(self._template, header.text(fim.ORDER_KEY))
        self._markers = self._find_markers()
        self._chat_template: bytes = L.llama_model_chat_template(self._model, None) or b""
        self._thinks = b"<think>" in self._chat_template
        self._chats = {with_system: self._chat_parts(with_system) for with_system in (True, False)}
        self.fit = replace(self.fit, digest=sha256.result())
        self.info = self._describe(threads, bytes_per_token)

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
                thought = self.tokenize(f"{_THINK}{_THOUGHT}", special=True) if self._thinks else []
                return [*self._chat_prompt(wish, room - len(thought)), *thought]

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
        """The question up to where the answer begins, or where the model would begin to think."""
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
        template = self._chat_template
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
        if self._thinks:  # `_chat_prompt` says whether it is to
            text = text.removesuffix(_THOUGHT).removesuffix(_THINK)
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

    # --- from one start to the next ---------------------------------------------------------------

    def remember(self, folder: Path) -> None:
        """From now on take what was kept there by an earlier start, where that spares reading."""
        self._kept = Kept(folder, L.__version__, self.fit.digest)

    def keep(self) -> None:
        """Keep what typing has read, if it would take long to read again. Called when nobody waits."""
        tokens = self._kv[_HOME["typing"]]
        known = _shared(self._saved, tokens)
        if self._kept is None or self._private:
            return
        if len(tokens) - known <= max(WORTH * self.fit.reads, len(tokens) * NEW):
            return
        if not self._partial or self._window:  # the state serves at its end alone, and few prompts go on there
            return
        size = int(L.llama_state_seq_get_size(self._ctx, _HOME["typing"]))
        if size > LARGEST:
            return
        state = (ctypes.c_uint8 * size)()
        written = int(L.llama_state_seq_get_data(self._ctx, state, size, _HOME["typing"]))
        self._kept.put(tokens, bytes(memoryview(state)[:written]))
        self._saved = list(tokens)

    def _taken(self, sequence: int, tokens: list[int]) -> None:
        """Begin with what an earlier start read of these tokens, where that is much more than what is there."""
        if self._kept is None or not self._kept.stored:
            return
        there = max(self._reusable(sequence, tokens), 0)
        best = max(self._kept.stored, key=lambda one: _shared(one.tokens, tokens))
        if (_shared(best.tokens, tokens) - there) < WORTH * self.fit.reads:
            return
        if not (state := self._kept.take(best)):
            return
        self._drop(sequence)
        data = (ctypes.c_uint8 * len(state)).from_buffer_copy(state)
        if L.llama_state_seq_set_data(self._ctx, data, len(state), sequence):
            self._kv[sequence] = list(best.tokens)
            self._saved = list(best.tokens)
        else:
            self._drop(sequence)

    # --- answers ----------------------------------------------------------------------------------

    def complete(
        self,
        ask: Ask,
        cancelled: Callable[[], bool],
        urgent: Callable[[], bool] = lambda: False,
        *,
        say: Callable[[int, str], None] = lambda candidate, text: None,
        dropped: Callable[[int], bool] = lambda candidate: False,
        cost: Cost | None = None,
    ) -> Generator[None, None, list[Answer]]:
        """Answer, pausing wherever another ask may be answered in between.

        `cancelled` and `urgent` are read inside the decode as well, several times a millisecond: when
        `urgent`, the running chunk is given up (and done again later) and the generator pauses at once.
        `say` is told each piece of text; a candidate that was `dropped` is not continued. `cost` is written to.
        Raises `AskRefused` and `Cancelled`; either leaves the engine in order.
        """
        job = _Job(ask, cancelled, urgent, _HOME[ask.purpose], say, dropped, cost or Cost())
        if ask.grammar is not None:
            self._vet(ask.grammar)
        prompt = self.prompt(ask)
        if job.home == _HOME["typing"]:
            self._private = ask.private
            self._taken(job.home, prompt)
        job.cost.reused = self._reusable(job.home, prompt)
        count = _count(ask)
        found: list[Answer] = []
        lost = False
        try:
            prompt = yield from self._thought_about(job, prompt)
            room = self._cells - len(prompt) - self.limit(ask)
            width = max(1, min(self._width, count, room // self.limit(ask)))
            logits: Logits = yield from self._hold(job, job.home, prompt)
            for first in range(0, count, width):
                group = range(first, min(first + width, count))
                started = time.monotonic()
                for one in (yield from self._together(job, prompt, logits, group, alone=count == 1)):
                    lost = lost or one.lost
                    if not one.lost:
                        known = len(prompt) if found else job.cost.reused
                        found.append(one.answer(len(prompt), known, (time.monotonic() - started) / len(group)))
                yield
                if job.late():
                    break
        except _TimeUp:
            pass  # before the first token of a group
        finally:
            for sequence in self._branches(job.home):
                self._drop(sequence)
            self._interrupted = lambda: False
        if found:
            return [replace(found[0], seconds=found[0].seconds + job.cost.reading), *found[1:]]
        if lost:
            raise AskRefused("The grammar leads to a point where no token of this model fits.")
        return [Answer("", 0, 0.0, "time", len(prompt), job.cost.reused, job.cost.reading)]

    def _thought_about(self, job: _Job, prompt: list[int]) -> Generator[None, None, list[int]]:
        """The prompt; where the model may think, with a thought in place of the empty one. All candidates share it."""
        ask, most = job.ask, min(self._thought.tokens, self.context - self.limit(job.ask) - len(prompt))
        if not (self._thinks and ask.thinks and isinstance(ask.prompt, Chat)) or most < _SHORTEST:
            return prompt
        tokens = [*self._chat_prompt(ask.prompt, len(prompt)), *self.tokenize(_THINK, special=True)]
        until = job.began + min(self._thought.seconds, math.inf if ask.seconds is None else ask.seconds / 3)
        random = np.random.default_rng(ask.seed % 2**63)
        said = b""
        for _ in range(most):
            logits: Logits = yield from self._hold(job, job.home, tokens)
            token, _ = self._pick(logits, _THINKING, random, None)
            if token is None or self._special[token] or self._ends[token] or time.monotonic() >= until:
                break
            job.note_token()
            tokens.append(token)
            said = said[-16:] + self.piece(token)
            if b"</think>" in said:
                return [*tokens, *self.tokenize("\n\n")]
            yield
        return [*tokens, *self.tokenize(_THOUGHT, special=True)]

    def _together(
        self, job: _Job, prompt: list[int], logits: Logits, indices: range, *, alone: bool
    ) -> Generator[None, None, list[_Candidate]]:
        """These candidates, decoded in one batch a step, each with its own sampler and grammar."""
        ask = job.ask
        with contextlib.ExitStack() as stack:
            everyone: list[_Candidate] = []
            for index, branch in zip(indices, self._branches(job.home), strict=False):
                sequence = job.home if alone else branch
                if not alone:
                    self._branch(job.home, sequence, len(prompt))
                grammar = stack.enter_context(self._grammar(ask.grammar))
                random = np.random.default_rng((ask.seed + index) % 2**63)
                everyone.append(_Candidate(index, sequence, list(prompt), logits, random, grammar))
            if alone and ask.draft and self._partial:
                everyone[0].draft = self.tokenize(ask.draft[: 16 * self.limit(ask)])
            alive = everyone
            while True:
                for one in alive:
                    self._step(job, one)
                alive = [one for one in alive if one.stopped is None and not one.lost]
                if not alive:
                    return everyone
                try:
                    yield from self._advance(job, alive)
                except _TimeUp:
                    for one in alive:
                        one.stopped = "time"
                    return everyone
                yield

    def _step(self, job: _Job, one: _Candidate) -> None:
        """Choose the next token of one candidate from its logits, and see whether that was the last."""
        ask = job.ask
        if job.dropped(one.index):
            one.stopped = "cancelled"
            return
        logits = one.logits
        while True:
            token, logprob = self._pick(logits, ask.temperature, one.random, one.grammar)
            if token is None:
                one.lost = True
                return
            if self._special[token] or self._ends[token]:
                one.stopped = "grammar" if one.grammar else "end"
                return
            new = one.take(self.piece(token))
            if new is not None:
                break
            logits = logits.copy() if logits is one.logits else logits
            logits[token] = -np.inf  # its bytes and those before are no UTF-8: llama.cpp's grammars let them pass
        job.note_token()
        one.logprobs.append(logprob)
        before = len(one.text)
        one.text += new
        longest = max(map(len, ask.stop), default=0)
        hits = [one.text.find(stop, max(0, before - longest)) for stop in ask.stop if stop]
        if hits := [hit for hit in hits if hit >= 0]:
            one.text, one.stopped = one.text[: min(hits)], "stop"
            return
        if new:
            job.say(one.index, new)
        if len(one.logprobs) == self.limit(ask):
            one.stopped = "limit"
            return
        if one.grammar:
            with _cpu_limit():
                L.llama_sampler_accept(one.grammar, token)
        one.append(token)

    def _advance(self, job: _Job, alive: Sequence[_Candidate]) -> Steps:
        """Evaluate the newest token of each: all in one batch, as long as everything before is there.

        One after another where something urgent came in between twice: then at least one gets on.
        """
        interrupted = 0
        while True:
            if len(alive) == 1 and (yield from self._drafted(job, alive[0])):
                return
            behind = any(len(self._kv[one.sequence]) != len(one.tokens) - 1 for one in alive)
            if len(alive) == 1 or behind or interrupted == 2:
                for one in alive:
                    one.logits = yield from self._hold(job, one.sequence, one.tokens)
                return
            job.check()
            started = time.monotonic()
            if self._decode(job, [(one.sequence, one.tokens[-1:]) for one in alive], True):
                for i, one in enumerate(alive):
                    one.logits = self._logits(i)
                job.cost.writing += time.monotonic() - started
                return
            interrupted += 1
            yield

    def _drafted(self, job: _Job, one: _Candidate) -> Generator[None, None, bool]:
        """Whether the next logits are known from a draft, or become so: it is evaluated in one batch with the token.

        Speculative decoding (Leviathan et al. 2023, arXiv:2211.17192) whose draft costs no model at all.
        """
        job.check()
        if one.known is not None:
            one.logits, one.known = one.known, None
            return True
        left = self.limit(job.ask) - len(one.logprobs) - 1
        draft = one.draft[: min(DRAFT, left)]
        if not draft or len(self._kv[one.sequence]) != len(one.tokens) - 1:
            return False
        started = time.monotonic()
        if not self._decode(job, [(one.sequence, [one.tokens[-1], *draft])], True, every=True):
            yield
            return False
        one.logits, *one.ahead = (self._logits(i) for i in range(len(draft) + 1))
        job.cost.writing += time.monotonic() - started
        return True

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
            self._adopt(sequence, tokens)
            kept = min(_shared(self._kv[sequence], tokens), len(tokens) - 1)
            self._truncate(sequence, kept)
            kept = len(self._kv[sequence])
            chunk = tokens[kept : kept + job.chunk]
            last = kept + len(chunk) == len(tokens)
            job.check()
            started = time.monotonic()
            done = self._decode(job, [(sequence, chunk)], last)
            # Who is interrupted again and again gets on in smaller steps.
            job.chunk = min(BATCH, 2 * job.chunk) if done else max(1, job.chunk // 2)
            job.note_time(time.monotonic() - started, len(chunk) if done else 0)
            if done and last:
                return self._logits(-1)
            yield

    def _decode(self, job: _Job, items: Sequence[tuple[int, list[int]]], last: bool, *, every: bool = False) -> bool:
        """Append to each sequence its tokens. False if something urgent came in between: nothing changed.

        last: compute the logits behind the last token of each; every: behind every token.
        """
        batch, count = self._batch, 0
        self._clock += 1
        self._used[job.home] = self._clock
        for sequence, chunk in items:
            start = len(self._kv[sequence])
            for i, token in enumerate(chunk):
                batch.token[count], batch.pos[count] = token, start + i
                batch.n_seq_id[count], batch.seq_id[count][0] = 1, sequence
                batch.logits[count] = every or (last and i == len(chunk) - 1)
                count += 1
            self._used[sequence] = self._clock
        batch.n_tokens = count
        self._interrupted = job.interrupted
        while (result := L.llama_decode(self._ctx, batch)) == 1:
            self._make_room(job)
        if result == 0:
            for sequence, chunk in items:
                self._kv[sequence] += chunk
            return True
        if result != 2:
            self.forget()
            raise AskRefused(f"llama.cpp could not evaluate the prompt (code {result}).", "failed")
        for sequence, _ in items:
            self._truncate(sequence, len(self._kv[sequence]), dirty=True)
        if job.cancelled():
            raise Cancelled
        return False

    def _logits(self, index: int) -> Logits:
        """A copy: the next decode writes over them."""
        pointer = L.llama_get_logits_ith(self._ctx, index)
        return np.array(np.ctypeslib.as_array(pointer, shape=(self._size,)))

    def _make_room(self, job: _Job) -> None:
        """Drop the sequence that was used longest ago and is not this job's; that of the typing last of all."""
        own = (job.home, *self._branches(job.home))
        others = [i for i, kept in enumerate(self._kv) if kept and i not in own]
        if not others:
            self.forget()
            raise AskRefused("The prompt does not fit into the model's context.")
        self._drop(min(others, key=lambda i: (i == _HOME["typing"], self._used[i])))

    def _branches(self, home: int) -> range:
        """The sequences of a purpose's candidates."""
        width = len(self._kv) // len(_HOME) - 1
        first = len(_HOME) + home * width
        return range(first, first + width)

    def _reusable(self, sequence: int, tokens: list[int]) -> int:
        """How many of these tokens need not be evaluated."""
        _, length = self._nearest(sequence, tokens)
        return min(length, len(tokens) - 1)

    def _nearest(self, sequence: int, tokens: list[int]) -> tuple[int, int]:
        """The sequence that shares the longest beginning with these tokens, itself if no other is much better."""
        own = _shared(self._kv[sequence], tokens)
        if not self._sees(sequence, min(own, len(tokens) - 1)):
            own = 0
        if len(tokens) - own <= _ADOPT:
            return sequence, own
        best, most = sequence, own + _ADOPT
        for other, kept in enumerate(self._kv):
            if len(kept) > most and (shared := _shared(kept, tokens)) > most:
                if (self._partial or shared == len(kept)) and self._sees(other, min(shared, len(tokens) - 1)):
                    best, most = other, shared
        return best, most if best != sequence else own

    def _adopt(self, sequence: int, tokens: list[int]) -> None:
        """Take over what another sequence knows of these tokens; that one keeps it."""
        source, length = self._nearest(sequence, tokens)
        if source != sequence:
            self._branch(source, sequence, length)

    def _branch(self, source: int, sequence: int, length: int) -> None:
        """Let the sequence begin with the first `length` tokens of the source, at no cost."""
        self._drop(sequence)
        if len(self._kv[source]) >= length:
            L.llama_memory_seq_cp(self._memory, source, sequence, 0, length)
            self._kv[sequence] = self._kv[source][:length]

    def _sees(self, sequence: int, length: int) -> bool:
        """Whether all is there that a token behind the first `length` looks at.

        Where layers look back no further than a window, llama.cpp writes over what the end of a sequence cannot see.
        """
        if not self._window or length == len(self._kv[sequence]):
            return True
        first = int(L.llama_memory_seq_pos_min(self._memory, sequence))
        return first <= max(0, length - self._window)

    def _truncate(self, sequence: int, length: int, *, dirty: bool = False) -> None:
        """Keep the first `length` tokens; `dirty` if llama.cpp may hold more than we know of."""
        if length == len(self._kv[sequence]) and not dirty:
            return
        there = length > 0 and self._sees(sequence, length)
        if not there or not L.llama_memory_seq_rm(self._memory, sequence, length, -1):
            self._drop(sequence)  # recurrent models cannot forget a part
        else:
            del self._kv[sequence][length:]

    def _drop(self, sequence: int) -> None:
        L.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        self._kv[sequence] = []

    # --- loading ----------------------------------------------------------------------------------

    def _open_context(self, cells: int, threads: int, reading: int) -> None:
        """The one context, with so many cells of KV for all purposes together."""
        params = L.llama_context_default_params()
        params.n_ctx = cells
        params.n_batch = params.n_ubatch = BATCH
        params.n_threads, params.n_threads_batch = min(threads, 256), min(reading, 256)
        params.n_seq_max, params.kv_unified, params.swa_full, params.no_perf = len(self._kv), True, True, True
        context = L.llama_init_from_model(self._model, params)
        if not context:
            L.llama_model_free(self._model)
            raise ModelRefused(told(f"llama.cpp cannot run {self._header.path.name} here"))
        self._ctx = context
        self._memory = L.llama_get_memory(context)
        L.llama_set_abort_callback(context, self._abort, None)

    def _measure(self, threads: int) -> fit.Fit:
        """Try this model on this machine for at most about two seconds. `threads`: 0 to try some."""
        began = time.monotonic()
        tries = [threads] if threads else fit.candidates(cores())
        self._open_context(1024, tries[0], tries[0])
        try:
            self._timed([(0, BATCH)])  # weights come from the disk, caches fill
            reading: dict[int, float] = {}
            writing: dict[int, float] = {}
            for n in tries:
                if reading and time.monotonic() - began > fit.BUDGET / 2:
                    break
                L.llama_set_n_threads(self._ctx, n, n)
                reading[n] = min(self._timed([(0, BATCH)]) for _ in range(2))
                writing[n] = min(self._timed([(0, 1)]) for _ in range(4))
            write, read = min(writing, key=writing.__getitem__), min(reading, key=reading.__getitem__)
            L.llama_set_n_threads(self._ctx, write, read)
            several = None
            if self._partial and time.monotonic() - began < fit.BUDGET:
                # several tokens in a batch are computed as a prompt is; which wins depends on model and processor
                several = min(self._timed([(i, 1) for i in range(4)]) for _ in range(3))
        finally:
            L.llama_free(self._ctx)
        return fit.Fit(
            threads=write,
            reading=read,
            together=several is not None and several < 4 * writing[write],
            reads=BATCH / reading[read],
            writes=1 / writing[write],
            why=fit.explained(BATCH, reading, writing, several, 4 * writing[write]),
        )

    def _timed(self, items: Sequence[tuple[int, int]]) -> float:
        """Seconds to append so many tokens to each of these sequences, which are dropped afterwards."""
        batch, count = self._batch, 0
        for sequence, length in items:
            for i in range(length):
                batch.token[count], batch.pos[count] = (count * 7919) % self._size, i
                batch.n_seq_id[count], batch.seq_id[count][0] = 1, sequence
                batch.logits[count] = i == length - 1
                count += 1
        batch.n_tokens = count
        started = time.monotonic()
        result = L.llama_decode(self._ctx, batch)
        L.llama_synchronize(self._ctx)
        seconds = time.monotonic() - started
        L.llama_memory_clear(self._memory, False)
        if result:
            raise ModelRefused(f"llama.cpp cannot run {self._header.path.name} (code {result}): choose another model.")
        return max(seconds, 1e-6)

    def _bytes_per_token(self) -> int:
        """Of KV, as F16."""
        heads = max(1, int(L.llama_model_n_head(self._model)))
        width = int(L.llama_model_n_embd(self._model)) // heads * int(L.llama_model_n_head_kv(self._model))
        return 2 * 2 * width * int(L.llama_model_n_layer(self._model))

    def _describe(self, threads: int, bytes_per_token: int) -> ModelInfo:
        header, markers = self._header, self._markers
        fills = not any(part in self._layout and markers[part] is None for part in ("pre", "suf", "mid"))
        details = {
            "architecture": header.architecture,
            "parameters": f"{header.parameters:,}",
            "quantisation": header.quantisation,
            "size": f"{header.size / 1e6:,.1f} MB",
            "licence": header.text("general.license") or "not told",
            "family": self._template.family if self._template else "unknown",
            "context": f"{self.context} tokens ({self._bound_by}), "
            f"{self._cells * bytes_per_token / 1e6:,.0f} MB for what was read",
            "threads": f"{threads} of {cores()} cores, as you set it"
            if threads
            else f"{self.fit.threads} of {cores()} cores to write, {self.fit.reading} to read",
            "candidates": f"{self._width} in one batch" if self._width > 1 else "one after another",
            "measured": self.fit.why,
        }
        return ModelInfo(
            name=header.name,
            digest=self.fit.digest,
            path=str(header.path),
            context=self.context,
            fim=fim.order_of(self._layout) if fills else None,
            chat=self._chats[False] is not None,
            repository=fills and markers["file"] is not None,
            details=details,
        )


class _Job:
    """What the engine needs to know of the ask that it works for."""

    def __init__(
        self,
        ask: Ask,
        cancelled: Callable[[], bool],
        urgent: Callable[[], bool],
        home: int,
        say: Callable[[int, str], None],
        dropped: Callable[[int], bool],
        cost: Cost,
    ) -> None:
        self.ask, self.home, self.cost = ask, home, cost
        self.cancelled, self.say, self.dropped = cancelled, say, dropped
        self.chunk = BATCH
        self.began = time.monotonic()
        until = None if ask.seconds is None else self.began + ask.seconds
        self.late: Callable[[], bool] = lambda: until is not None and time.monotonic() >= until
        self.interrupted: Callable[[], bool] = lambda: cancelled() or urgent() or self.late()

    def check(self) -> None:
        """Raises what ends the job early."""
        if self.cancelled():
            raise Cancelled
        if self.late():
            raise _TimeUp

    def note_token(self) -> None:
        self.cost.written += 1
        if self.cost.first is None:
            self.cost.first = time.monotonic() - self.began

    def note_time(self, seconds: float, tokens: int) -> None:
        """Before the first token the prompt is read; afterwards a token is written."""
        if self.cost.first is None:
            self.cost.reading += seconds
            self.cost.evaluated += tokens
        else:
            self.cost.writing += seconds


class _Candidate:
    """One answer on its way."""

    def __init__(
        self,
        index: int,
        sequence: int,
        tokens: list[int],
        logits: Logits,
        random: np.random.Generator,
        grammar: Any,
    ) -> None:
        self.index, self.sequence, self.tokens, self.logits = index, sequence, tokens, logits
        self.random, self.grammar = random, grammar
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.text = ""
        self.logprobs: list[float] = []
        self.stopped: Stopped | None = None
        self.lost = False
        """Its grammar led to where no token fits."""
        self.draft: list[int] = []
        """What may come next …"""
        self.ahead: list[Logits] = []
        """… the logits behind each of the first of these tokens, where they were evaluated …"""
        self.known: Logits | None = None
        """… and those behind the newest token, if it was one of them."""

    def append(self, token: int) -> None:
        """Go on with this token. What was drafted behind another one is of no use."""
        self.tokens.append(token)
        if self.draft and self.draft[0] == token:
            del self.draft[0]
            self.known = self.ahead.pop(0) if self.ahead else None
        else:
            self.draft, self.ahead, self.known = [], [], None

    def take(self, piece: bytes) -> str | None:
        """The characters that these bytes complete; None, and nothing changed, where they make no character."""
        before = self._decoder.getstate()
        with contextlib.suppress(UnicodeDecodeError):
            text = self._decoder.decode(piece)
            waiting = self._decoder.getstate()[0]
            if not (waiting[:1] == b"\xed" and waiting[1:] >= b"\xa0"):  # half a surrogate: nothing can follow
                return text
        self._decoder.setstate(before)
        return None

    def answer(self, prompt: int, reused: int, seconds: float) -> Answer:
        said = len(self.logprobs)
        mean = sum(self.logprobs) / said if said else 0.0
        stopped = self.stopped or "cancelled"
        return Answer(self.text, said, mean, stopped, prompt, reused, seconds, tuple(self.logprobs))


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


def told(what: str) -> str:
    """A sentence with llama.cpp's own last error, which names no place on this machine."""
    reasons = [line.rpartition("error loading model: ")[2] for line in _errors if "error loading model: " in line]
    reason = f" ({reasons[-1][:200]})" if reasons and os.sep not in reasons[-1] else ""
    return f"{what}{reason}: choose another model or download it again."


def cores() -> int:
    """Physical cores that this process may use."""
    if not hasattr(os, "sched_getaffinity"):
        return max(1, (os.cpu_count() or 2) // 2)
    usable = os.sched_getaffinity(0)
    siblings: set[str] = set()
    for cpu in usable:
        with contextlib.suppress(OSError):
            siblings.add(Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list").read_text())
    return len(siblings) or len(usable)
