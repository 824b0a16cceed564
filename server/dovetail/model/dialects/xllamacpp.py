"""llama.cpp's server as the wheel `xllamacpp` brings it, on a file that we know: prompts are in the file's own order.

`/infill` would arrange every model's parts prefix first, without the joined middle that ours was trained on.
"""

from __future__ import annotations

from dovetail.model import fim
from dovetail.model.ask import Ask, Fim
from dovetail.model.dialects import Order, Piece, Request, Whom, as_text
from dovetail.model.dialects.llama_server import LlamaServer


class Xllamacpp(LlamaServer):
    def order(self, whom: Whom) -> Order | None:
        return fim.order_of(whom.template.layout) if whom.template else None

    def request(self, ask: Ask, seed: int, whom: Whom) -> Request:
        request = super().request(ask, seed, whom)
        if not isinstance(ask.prompt, Fim) or whom.template is None:
            return request
        kept = {key: value for key, value in request.body.items() if not key.startswith("input_")}
        return Request("completion", {**kept, "prompt": as_text(ask.prompt, whom.template)})

    def piece(self, event: bytes, road: str) -> Piece:
        return super().piece(event, "infill" if road == "completion" else road)


DIALECT = Xllamacpp()
