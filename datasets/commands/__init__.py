"""The roof's commands, one file each: parse, call one function, print."""
