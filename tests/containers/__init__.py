"""The production stack in real containers: `make container-test`."""
