"""The server of the emulated network: one noun per module around a shared hub."""
