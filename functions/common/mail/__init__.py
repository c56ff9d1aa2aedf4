"""What a message looks like as an e-mail: Markdown becomes safe HTML in one layout, beside a plain text."""
