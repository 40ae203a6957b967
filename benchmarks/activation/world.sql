-- A world of :contracts contracts and one more, the last, whose terms have a huge cap. Each is an
-- active contract with an open group of three; the first member is Mobile Leader. Each spent on two
-- packages last month, every other one on one this month. Set-based, rules and triggers off.
-- Ids begin at different heights, so that no two of one family are the same number.
SET session_replication_role = replica;
SET synchronous_commit = off;

CREATE TEMP TABLE world AS
SELECT n, n::bigint AS contract, 2000000 + n::bigint AS home, 10000000 + 3 * n::bigint AS leader,
       'B' || lpad(n::text, 7, '0') AS number
FROM generate_series(1, :contracts + 1) AS n;

INSERT INTO groups_contract (id, number, fixed_number, status, owner_nid, owner_name,
                             contact_msisdn, contact_email, service_address, store_code, language)
SELECT contract, number, '+355' || (42000000 + n), 'active', 'J10000001A', 'Drita Dardha',
       '+355' || (690000000 + n), '', 'Rruga e Provës 1, Tiranë', '', 'sq'
FROM world;

INSERT INTO groups_group (id, contract_id, opened_on)
SELECT home, contract, '2024-03-01' FROM world;

INSERT INTO groups_membership (id, group_id, msisdn, name, plan, seat, joined_on)
SELECT leader + seat - 1, home, '+355' || (670000000 + 3 * n + seat - 1),
       (ARRAY['Elira Dardha', 'Besnik Dardha', 'Mira Dardha'])[seat], 'standard_prepaid', seat,
       '2024-03-01'
FROM world, generate_series(1, 3) AS seat;

INSERT INTO klikon_declaration (id, contract_id, group_id, member_id, channel, signatory_name,
                                evidence, declared_at)
SELECT n, contract, home, leader, 'store', 'Drita Dardha', 'D-1', '2025-02-01' FROM world;

INSERT INTO klikon_leaderassignment (id, group_id, member_id, declaration_id, assigned_at)
SELECT n, home, leader, n, '2025-02-01' FROM world;

INSERT INTO groups_termsversion (number, published_at, text_sq, text_en, cap_lek, discount_lek,
    smallest_list_price_lek, members_max, allowed_plans, channels, notice_days, repeat_hours)
SELECT 2, '2026-10-01', text_sq, text_en, 2000000000, discount_lek, smallest_list_price_lek,
       members_max, allowed_plans, channels, notice_days, repeat_hours
FROM groups_termsversion WHERE number = 1;

INSERT INTO groups_termsbinding (group_id, terms_id, binds_from)
SELECT home, (SELECT id FROM groups_termsversion WHERE number = 2), '2026-11-01'
FROM world WHERE n = :contracts + 1;

CREATE TEMP TABLE past AS
SELECT row_number() OVER (ORDER BY w.n, o.month, o.nth) AS k, w.*, o.month, o.nth
FROM world w, (VALUES (date '2026-10-01', 1), ('2026-10-01', 2), ('2026-11-01', 1)) AS o(month, nth)
WHERE o.month = '2026-10-01' OR w.n % 2 = 0;

INSERT INTO billing_billentry (id, contract_id, month, spent, ceiling)
SELECT 20000000 + row_number() OVER (ORDER BY contract, month), contract, month, 500 * count(*), 6500
FROM past GROUP BY contract, month;

INSERT INTO billing_charge (id, contract_id, entry_id, month, amount_lek, reference, text, state,
                            accepted_at, spent_after, limit_then)
SELECT 30000000 + k, contract, e.id, past.month, 500,
       'KN-' || translate(lpad((k * 2236067977 % 999999937)::text, 9, '0'),
                          '0123456789', '23479CFKPW'),
       'Super 700: Elira Dardha', 'settled', past.month + 3 + nth, 500 * nth, 6500
FROM past JOIN billing_billentry e ON (e.contract_id, e.month) = (past.contract, past.month);

INSERT INTO klikon_activation (id, contract_id, group_id, charge_id, reference, leader_id,
    member_id, package_id, package_code, list_price_lek, discount_lek, charged_lek, month,
    accepted_at, spent_after, room_left, terms_id, promotions_set_aside, repeat_confirmed, channel,
    reason, client, key, content_hash)
SELECT 40000000 + k, c.contract_id, home, c.id, reference, leader, leader, p.id, p.code,
       700, 200, 500, c.month, c.accepted_at, spent_after, 6500 - spent_after,
       (SELECT id FROM groups_termsversion WHERE number = 1), '[]', false, 'ivr', '', 'bench',
       md5(k::text), repeat('a', 64)
FROM past JOIN billing_charge c ON c.id = 30000000 + k JOIN klikon_package p ON p.code = 'S700';

INSERT INTO provisioning_order (reference, state, ordered_at, attempt, maybe_sent, tries, asks,
                                forgotten)
SELECT reference, 'done', accepted_at, 1, true, 0, 0, 0 FROM klikon_activation;

INSERT INTO outbox_outgoingmessage (recipient, template, language, parameters, why, about,
    contract_number, written_at, due_at, next_attempt_at, state, text, segments, sent_at, attempts,
    last_error)
SELECT told.number, 'activation_receipt', 'sq',
       '{"member_name": "Elira Dardha", "leader_name": "Elira Dardha", "package": "Super 700"}',
       'activation_receipt', c.reference, past.number, c.accepted_at, c.accepted_at, c.accepted_at,
       'sent', repeat('Klik-ON: Super 700 ', 8), 2, c.accepted_at, 1, ''
FROM past JOIN billing_charge c ON c.id = 30000000 + k,
     LATERAL (VALUES ('+355' || (670000000 + 3 * n)), ('+355' || (690000000 + n))) AS told(number)
WHERE past.month = '2026-11-01';

SELECT setval(pg_get_serial_sequence('billing_charge', 'id'), 39000000);
SELECT setval(pg_get_serial_sequence('klikon_activation', 'id'), 49000000);
RESET session_replication_role;
VACUUM (ANALYZE);
