"""The few things every other part of the house may use: refusals, states, references, dates, packs."""
