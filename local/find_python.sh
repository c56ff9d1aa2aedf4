#!/bin/sh
# Print the Python that the project uses: 3.13, which is what Google Cloud runs. Searched in this order: the PATH, pyenv,
# Debian. Without 3.13, a `python3` of at least 3.11 is printed with a warning: enough for `make run`.
runs() { "$1" -c "import sys, ensurepip; sys.exit(sys.version_info[:2] $2)" > /dev/null 2>&1; }

for candidate in "$(command -v python3.13)" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python3.13 \
  /usr/local/bin/python3.13 /usr/bin/python3.13; do
  if [ -x "$candidate" ] && runs "$candidate" "!= (3, 13)"; then
    echo "$candidate"
    exit
  fi
done

if runs python3 "< (3, 11)"; then
  echo "Python 3.13 was not found; python3 is used. Google Cloud runs Herald on 3.13: install it (Debian: apt-get install" \
    "python3.13 python3.13-venv; pyenv: pyenv install 3.13), or name it: make PYTHON=/path/to/python3.13" >&2
  echo python3
else
  echo "Herald needs Python 3.13 (at least 3.11). Install it (Debian: apt-get install python3.13 python3.13-venv; pyenv:" \
    "pyenv install 3.13), or name it: make PYTHON=/path/to/python3.13" >&2
  exit 1
fi
