"""The ledger: who gave what to whom and for which days, and where two payers give the same."""
