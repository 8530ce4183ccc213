"""Names of the models' roles on the page."""

BASE_ROLE, TRAINED_ROLE, SECOND_ROLE = "Ordinary model", "Dual-view model", "Second model"
