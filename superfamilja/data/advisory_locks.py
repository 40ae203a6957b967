"""List the numbers of all PostgreSQL advisory locks, one for each purpose.

Most are the first key of a pair. The second key says which month, contract or number is locked.
docs/adr/0002 says in which order locks are taken.
"""

MONTH_LOCK = 130_001  # with the month: shared while posting, exclusive while closing (R13)
KEY_LOCK = 130_002  # with client and key: a repeated request waits for the first (R21)
REPEAT_LOCK = 130_003  # with member and package: two activations of the same package (R25)
ENTRY_LOCK = 130_004  # with the contract: one poster to the entry at a time (R9)
UNKNOWN_ORDERS_LOCK = 130_005  # without a second key: one list of unknown orders at a time (R36)
REFERENCE_LOCK = 130_006  # with the reference: two activations that drew the same one (R36)
ANSWERS_LOCK = 130_007  # without a second key: one answer of fixed billing at a time (R22)
RECONCILIATION_LOCK = 130_008  # without a second key: one comparison of the books at a time
CODES_LOCK = 130_010  # with the number: one code at a time is sent to it
EPOCH_LOCK = 130_036  # with 0: only one process opens or ends the epoch of the database (R36)
INCOMING_FILES_LOCK = 1_301_676  # without a second key, for a session: one worker works on files
SUBSCRIBER_IMPORT_LOCK = 1_301_675  # without a second key, for a session: one import at a time
