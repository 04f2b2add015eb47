"""Any plain folder of pictures: scanned, measured once, its copies and findings reported."""
