"""Tickets: the auditable lottery, one ticket per unit from a public seed (ruhu-draw/1)."""

from sampling.tickets.beacons import (
    QUICKNET,
    DrandChain,
    consistent_sampler_draw,
    consistent_sampler_ticket,
    drand_randomness,
    rfc3797_key,
    rfc3797_select,
)
from sampling.tickets.designs import (
    METHODS,
    Ask,
    Drawn,
    draw_strata,
    pareto_probabilities,
    systematic_positions,
)
from sampling.tickets.entropy import FEWEST_DICE, Entropy, EntropyRule, Source, normalise_entropy
from sampling.tickets.refusals import (
    MalformedEntropy,
    MalformedEntropyRule,
    MalformedHash,
    MissingSize,
    RoundOutOfRange,
    SampleAboveStratum,
    TicketsRefused,
    TooFewDigits,
    UnknownDesign,
)
from sampling.tickets.seed import SPEC, seed_of, ticket, ticket_heads

__all__ = [
    "FEWEST_DICE",
    "METHODS",
    "QUICKNET",
    "SPEC",
    "Ask",
    "DrandChain",
    "Drawn",
    "Entropy",
    "EntropyRule",
    "MalformedEntropy",
    "MalformedEntropyRule",
    "MalformedHash",
    "MissingSize",
    "RoundOutOfRange",
    "SampleAboveStratum",
    "Source",
    "TicketsRefused",
    "TooFewDigits",
    "UnknownDesign",
    "consistent_sampler_draw",
    "consistent_sampler_ticket",
    "drand_randomness",
    "draw_strata",
    "normalise_entropy",
    "pareto_probabilities",
    "rfc3797_key",
    "rfc3797_select",
    "seed_of",
    "systematic_positions",
    "ticket",
    "ticket_heads",
]
