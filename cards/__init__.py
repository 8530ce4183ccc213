"""Cards of datasets, models and Spaces, written from the facts of builds and trainings, and published.

Import the modules one by one: training a model needs no dataset card. :mod:`dualview.cards.hub.publish`
uploads; ``python -m cards`` does so from the command line.
"""
