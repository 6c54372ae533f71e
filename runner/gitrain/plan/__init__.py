"""The plan: the ordered actions from observed to desired. Pure: no clock, network or files."""
