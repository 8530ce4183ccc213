"""The stages of a build over Ray Data: the same rows as in one process, on many machines.

- The driver reads the sources, plans the splits and writes the Parquet files; in between, the items travel in
  parts through Ray's object store.
- Actors hold writers and judge, and take the parts through the same stages. A part that is lost with its
  actor is done again by another.
- One more actor, beside the driver, holds the ledger, the budget and the rate limits for all. So a
  reply that an actor got before it was lost is not asked for again.
"""
