# docker build -t lottery-tickets .
# docker run --rm -v "$PWD/results:/lottery-tickets/results" lottery-tickets make quickstart
FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install --yes --no-install-recommends git make \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /lottery-tickets

# First what the environment depends on, so that an edit elsewhere does not install it again.
COPY Makefile pyproject.toml requirements.in requirements.txt LICENSE ./
COPY lth_core/__init__.py lth_core/
RUN make env

# With .git, since manifests record the commit. The stamp stays younger than what it rests on.
COPY . .
RUN touch .venv/stamp

ENV PATH=/lottery-tickets/.venv/bin:$PATH
CMD ["lth", "--help"]
