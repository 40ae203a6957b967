"""Run the commands of `make`, with the standard library only, before anything is installed.

`__main__` reads the command, `environment` makes `.venv` and `.env`, `web` runs and stops the
portal, `checks` runs tests and lint. `prepare` and `translations` run inside `.venv`.
"""
