"""Cards of datasets, models and Spaces, written from what was really built, and their publishing.

Modules are imported on their own: who trains a model needs no dataset card. :mod:`dualview.cards.hub.publish`
uploads, ``python -m cards`` does so from the command line.
"""
