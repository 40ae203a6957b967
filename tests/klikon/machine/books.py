"""Promises between the tables of money, leaders and messages, as SQL."""

# One row for each promise that is broken.
BROKEN = """
SELECT 'spent is not the sum of what was not reversed, or was carried', e.id::text
  FROM billing_billentry e LEFT JOIN billing_charge c ON c.entry_id = e.id
  LEFT JOIN billing_carriedcharge k ON k.charge_id = c.id AND k.withdrawn_at IS NULL
 GROUP BY e.id
HAVING e.spent <> coalesce(sum(c.amount_lek)
                           FILTER (WHERE c.state <> 'reversed' OR k.id IS NOT NULL), 0)
UNION ALL SELECT 'a charge above its limit', reference FROM billing_charge
 WHERE spent_after > limit_then
UNION ALL SELECT 'a charge in another entry than its own', c.reference
  FROM billing_charge c JOIN billing_billentry e ON e.id = c.entry_id
 WHERE (e.contract_id, e.month) <> (c.contract_id, c.month)
UNION ALL SELECT 'not one activation a charge', c.reference
  FROM billing_charge c LEFT JOIN klikon_activation a ON a.charge_id = c.id
 GROUP BY c.reference HAVING count(a.id) <> 1
UNION ALL SELECT 'a charge that is not its activation''s', c.reference
  FROM billing_charge c JOIN klikon_activation a ON a.charge_id = c.id
 WHERE (a.reference, a.contract_id, a.month, a.charged_lek, a.spent_after)
    <> (c.reference, c.contract_id, c.month, c.amount_lek, c.spent_after)
UNION ALL SELECT 'approved, and not what was asked for', w.key
  FROM klikon_waitingrequest w JOIN klikon_activation a ON a.id = w.activation_id
 WHERE (a.client, a.key, a.contract_id, a.leader_id, a.member_id)
    <> (w.client, w.key, w.contract_id, w.leader_id, w.member_id)
UNION ALL SELECT 'an answer twice', key
  FROM (SELECT client, key FROM klikon_activation
        UNION ALL SELECT client, key FROM klikon_refusedactivation) k
 GROUP BY client, key HAVING count(*) > 1
UNION ALL SELECT 'two leaders of a group', group_id::text FROM klikon_leaderassignment
 WHERE ended_at IS NULL GROUP BY group_id HAVING count(*) > 1
UNION ALL SELECT 'two groups of a number', msisdn FROM groups_membership
 WHERE left_on IS NULL GROUP BY msisdn HAVING count(*) > 1
UNION ALL SELECT 'reversal and credits above their charge', c.reference
  FROM billing_charge c LEFT JOIN billing_credit k ON k.charge_id = c.id
 GROUP BY c.id HAVING coalesce(sum(k.amount_lek), 0) <> c.credited_lek
     OR c.credited_lek + CASE WHEN c.state = 'reversed' THEN c.amount_lek ELSE 0 END > c.amount_lek
UNION ALL SELECT 'a reversal without its state, or the other way about', c.reference
  FROM billing_charge c LEFT JOIN billing_reversal r ON r.charge_id = c.id
 WHERE (r.id IS NULL) <> (c.state <> 'reversed')
UNION ALL SELECT 'not one receipt a number', a.reference
  FROM klikon_activation a JOIN groups_contract c ON c.id = a.contract_id
  JOIN groups_membership l ON l.id = a.leader_id JOIN groups_membership m ON m.id = a.member_id
  LEFT JOIN outbox_outgoingmessage o
         ON o.about = a.reference AND o.template = 'activation_receipt'
 GROUP BY a.id, c.contact_msisdn, l.msisdn, m.msisdn
HAVING count(o.id) <> (SELECT count(DISTINCT n)
                       FROM unnest(ARRAY[c.contact_msisdn, l.msisdn, m.msisdn]) n)
    OR count(o.id) <> count(DISTINCT o.recipient)
"""
