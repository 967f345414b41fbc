"""The process; see main.py."""

from projector.main import start

if __name__ == "__main__":
    start()
