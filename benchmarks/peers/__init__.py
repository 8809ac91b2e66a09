"""Other downloaders, led to the emulator. Each script is run by an interpreter that has it.

They take the same options and end with one line of JSON: `imports_s`, until the downloader is
ready to be called, and `download_s`, from there to its end.
"""
