"""Reports as JSON: the types, their schemas, and the encoding. Pure."""
