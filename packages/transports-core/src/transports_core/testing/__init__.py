"""For tests of what builds on core: of logs, of adapters, of applications."""
