WITH chance AS (
    SELECT
        range + $first AS number,
        md5((range + $first)::VARCHAR) AS id,
        hash((range + $first) // 2, 3) % 20 AS kind,
        hash(range + $first) AS a,
        hash(range + $first, 1) AS b,
        hash(range + $first, 2) AS c
    FROM range($legs)
),
legs AS (
    SELECT
        id,
        number,
        kind >= 15 AND kind < 19 AS is_internal,
        c,
        $day::TIMESTAMP + to_milliseconds((a % 86400000)::BIGINT) AS start_time,
        (CASE WHEN b % 10 < 6 THEN 1 + b // 10 % 600 ELSE 0 END)::INTEGER AS duration,
        (CASE WHEN b % 10 < 6 THEN 'answered' WHEN b % 10 < 9 THEN 'unanswered' ELSE 'busy' END) AS outcome,
        c % 20000 AS person,
        (CASE
            WHEN kind >= 15 AND kind < 19 THEN if(number % 2 = 0, 'ORIGINATING', 'TERMINATING')
            WHEN kind >= 10 AND kind < 15 THEN 'TERMINATING'
            ELSE 'ORIGINATING'
        END) AS direction,
        (CASE
            WHEN kind < 10 THEN 'SIP_NATIONAL'
            WHEN kind < 15 THEN 'SIP_INBOUND'
            WHEN kind < 19 THEN 'SIP_ENTERPRISE'
            ELSE 'SIP_INTERNATIONAL'
        END) AS call_type,
        (CASE
            WHEN kind < 15 THEN 'CO'
            WHEN kind = 19 THEN ['US', 'CR', 'GT', 'SV', 'MX', 'ES', 'CU'][(1 + c // 40000 % 7)::INTEGER]
        END) AS country,
        '+5760155' || lpad((c % 20000)::VARCHAR, 5, '0') AS own_number
    FROM chance
),
told AS (
    SELECT
        *,
        (CASE country
            WHEN 'CO' THEN '+57316' || lpad((c // 600000 % 400000)::VARCHAR, 7, '0')
            WHEN 'US' THEN '+1305555' || lpad((c // 600000 % 10000)::VARCHAR, 4, '0')
            WHEN 'CR' THEN '+5062222' || lpad((c // 600000 % 10000)::VARCHAR, 4, '0')
            WHEN 'GT' THEN '+5022222' || lpad((c // 600000 % 10000)::VARCHAR, 4, '0')
            WHEN 'SV' THEN '+5032222' || lpad((c // 600000 % 10000)::VARCHAR, 4, '0')
            WHEN 'MX' THEN '+525555' || lpad((c // 600000 % 1000000)::VARCHAR, 6, '0')
            WHEN 'ES' THEN '+3491555' || lpad((c // 600000 % 10000)::VARCHAR, 4, '0')
            WHEN 'CU' THEN '+5355' || lpad((c // 600000 % 1000000)::VARCHAR, 6, '0')
            ELSE lpad((c // 600000 % 20000)::VARCHAR, 5, '0')
        END) AS far_number
    FROM legs
)
SELECT
    id AS report_id,
    start_time,
    if(duration > 0, start_time + INTERVAL 6 SECOND, NULL) AS answer_time,
    start_time + to_seconds(6 + duration) AS release_time,
    start_time + to_seconds(6 + duration) AS report_time,
    duration,
    6 AS ring_duration,
    0 AS hold_duration,
    direction,
    call_type,
    'Success' AS call_outcome,
    (CASE outcome WHEN 'answered' THEN 'Normal' WHEN 'busy' THEN 'UserBusy' ELSE 'NoAnswer' END) AS call_outcome_reason,
    duration > 0 AS answered,
    if(duration > 0, 'Yes', 'No') AS answer_indicator,
    if(person % 2 = 0, 'Local', 'Remote') AS releasing_party,
    'Person ' || person AS "user",
    own_number AS user_number,
    md5(person::VARCHAR) AS user_uuid,
    'User' AS user_type,
    md5('department' || person % 40) AS department_id,
    'Site ' || person % 12 AS location,
    md5('site' || person % 12) AS site_uuid,
    '+576015500000' AS site_main_number,
    '-300' AS site_timezone,
    md5('org') AS org_uuid,
    if(direction = 'ORIGINATING', own_number, far_number) AS calling_number,
    if(direction = 'ORIGINATING', far_number, own_number) AS called_number,
    'Person ' || person AS calling_line_id,
    if(direction = 'ORIGINATING', far_number, NULL) AS dialed_digits,
    md5('call' || if(is_internal, number // 2, -number)) AS correlation_id,
    md5('interaction' || if(is_internal, number // 2, -number)) AS interaction_id,
    number || ':0' AS local_call_id,
    'BW' || number || '@10.0.0.1' AS network_call_id,
    'SSE' || id || '@10.0.0.1' AS call_id,
    md5(id) AS local_sessionid,
    'Acme Telecom' AS pstn_vendor_name,
    'Acme Telecom S.A.' AS pstn_legal_entity,
    'WXC_CLIENT' AS client_type,
    'DESKTOP_APP' AS sub_client_type,
    '45.8.0.32875' AS client_version,
    'windows' AS os_type,
    far_number,
    country AS far_country,
    NOT is_internal AS off_net,
    coalesce(country <> 'CO', false) AS international,
    outcome,
    'import' AS source,
    0::BIGINT AS copy_rank,
    start_time AS stored_at,
    json_object('Report ID', id, 'Start time', start_time::VARCHAR, 'Duration', duration, 'User', 'Person ' || person,
        'Call ID', 'SSE' || id || '@10.0.0.1', 'Local SessionID', md5(id)) AS raw,
    strftime(start_time, '%Y-%m-%d') AS dt
FROM told
ORDER BY start_time, report_id
