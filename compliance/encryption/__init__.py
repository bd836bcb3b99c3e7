"""Encryption: what is sensitive is unreadable without the key. docs/keys.md says how the keys are kept."""
