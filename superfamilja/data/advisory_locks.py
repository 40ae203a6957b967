"""The numbers of PostgreSQL's advisory locks: one for each purpose, all of them here.

Most are the first key of a pair, and the second key says which month, contract or number is meant.
The order in which locks are taken is in docs/adr/0002.
"""

MONTH_LOCK = 130_001  # with the month: shared while posting, alone while closing (R13)
KEY_LOCK = 130_002  # with client and key: a repeated request waits for the first (R21)
REPEAT_LOCK = 130_003  # with member and package: the same package twice (R25)
ENTRY_LOCK = 130_004  # with the contract: who posts to the entry next (R9)
UNKNOWN_ORDERS_LOCK = 130_005  # alone: one list of unknown orders is kept at a time (R36)
REFERENCE_LOCK = 130_006  # with the reference: two who drew the same one (R36)
ANSWERS_LOCK = 130_007  # alone: answers of fixed billing are taken one after the other (R22)
RECONCILIATION_LOCK = 130_008  # alone: one comparison of the books at a time
CODES_LOCK = 130_010  # with the number: one code at a time is sent to it
EPOCH_LOCK = 130_036  # with 0: the epoch of the database is opened or ended once (R36)
SUBSCRIBER_IMPORT_LOCK = 1_301_675  # alone, for a session: one import of subscribers at a time
