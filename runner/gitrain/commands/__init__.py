"""One module a verb: parse, call, print. Each is imported only when its verb is used."""
