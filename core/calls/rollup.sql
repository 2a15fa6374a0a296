WITH legs AS (
    SELECT
        start_time,
        report_id,
        location,
        site_uuid,
        direction,
        off_net,
        international,
        far_country,
        outcome,
        {call} AS call,
        {conversation} AS is_conversation,
        {talk_seconds} AS talk
    FROM read_parquet($files, hive_partitioning = false, union_by_name = true)
),
told AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY call ORDER BY start_time, report_id) = 1 AS is_first,
        bool_or(is_conversation) OVER (PARTITION BY call) AS is_answered,
        coalesce(bool_or(international) OVER (PARTITION BY call), false) AS is_abroad
    FROM legs
)
SELECT
    date_trunc('hour', start_time) AS hour,
    location,
    site_uuid,
    direction,
    off_net,
    international,
    far_country,
    outcome,
    count(*) AS legs,
    count(*) FILTER (is_conversation) AS answered,
    coalesce(sum(talk) FILTER (is_conversation), 0)::BIGINT AS talk_seconds,
    count(*) FILTER (is_first) AS calls,
    count(*) FILTER (is_first AND is_answered) AS answered_calls,
    count(*) FILTER (is_first AND is_abroad) AS international_calls
FROM told
GROUP BY ALL
ORDER BY ALL
