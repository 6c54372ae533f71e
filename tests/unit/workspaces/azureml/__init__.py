"""The azureml adapter: its pure half by golden requests, the rest against the emulator."""
