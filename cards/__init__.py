"""Cards: the README files of datasets and models, written from what was really built.

:mod:`cards.dataset_card` and :mod:`cards.model_card` are imported on their own: who trains a model needs no
dataset card.
"""
