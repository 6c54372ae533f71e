import sys

sys.stdout.write(f"{sys.argv[1:]}\n")
