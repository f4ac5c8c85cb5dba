"""`python -m wufang`."""

from wufang.command import app

if __name__ == "__main__":
    app()
