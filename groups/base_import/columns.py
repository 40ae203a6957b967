"""List the columns of the subscriber file, named as in its header."""

CONTRACT_COLUMNS = (
    "fixed_number",
    "contract_status",
    "owner_nid",
    "owner_name",
    "contact_msisdn",
    "contact_email",
    "service_address",
    "store_code",
)
GROUP_COLUMNS = ("group_opened_on", "group_closed_on")
MEMBER_COLUMNS = (
    "member_msisdn",
    "member_name",
    "member_plan",
    "member_joined_on",
    "member_left_on",
)
COLUMNS = ("contract_number", *CONTRACT_COLUMNS, *GROUP_COLUMNS, *MEMBER_COLUMNS)
NAME_COLUMNS = ("owner_name", "service_address", "member_name")

# Text column of the file → the column of its read value.
DATES = {
    "group_opened_on": "opened_on",
    "group_closed_on": "closed_on",
    "member_joined_on": "joined_on",
    "member_left_on": "left_on",
}
# The longest values that the final tables can hold.
LENGTHS = {
    "contract_number": 40,
    "owner_name": 200,
    "contact_email": 254,
    "service_address": 300,
    "store_code": 20,
    "member_name": 200,
    "member_plan": 40,
}
