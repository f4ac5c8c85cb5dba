"""Static checks of our own, beside those of ruff, pyright and import-linter."""
