"""Composition as a teacher: ``enc(wanted) - alpha * enc(excluded)`` distilled into the query encoder.

The sweep trains all-MiniLM-L6-v2 on written instructions, on compositions of phrases, or on both, and
measures every configuration over whole corpora. Design:

- Of other packages it needs torch, transformers, tokenizers, numpy and PyYAML alone, so that a checkout runs
  on a bare machine with a GPU. The rule and the wordings are those of the trainer and the builder.
- All texts are tokenised once and kept on the device; a step picks them by number.
- Configurations are chosen on the validation parts of queries, cues, phrases and traps. The test parts are
  measured only with ``--test``.
- Every finished configuration is one line of ``results.jsonl``; a second run skips what is there.
"""
