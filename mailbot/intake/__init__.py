"""What a mail means: may it register an address, which refusals does it answer. Pure decisions."""
