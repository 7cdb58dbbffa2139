"""The reliable stream, both ends, without input or output: numbered, acknowledged, re-sent.

A broker's acknowledgement proves nothing (one that is killed loses what it acknowledged), so
an item counts as delivered only when the far side says that it has *committed* it. Items carry
(epoch, seq); an epoch is one life of the sender's store and its numbers start at 1.
Used by the vehicle and the station, in both directions.
"""
