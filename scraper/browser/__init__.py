"""A real browser, driven: found on the machine, started, read, scrolled, and ended.

The only package that knows Selenium and webdriver-manager.
"""
