"""One file a rule: each looks at one question and says no, slower, or nothing."""
