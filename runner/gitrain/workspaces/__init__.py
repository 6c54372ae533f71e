"""The adapters. Each is imported only when its workspace is opened."""
