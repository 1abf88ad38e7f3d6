"""Manifests, digests and code fingerprints."""
