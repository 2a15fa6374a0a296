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
    count(*) FILTER (outcome = 'answered') AS answered,
    coalesce(sum(duration) FILTER (outcome = 'answered'), 0)::BIGINT AS talk_seconds
FROM read_parquet($files, hive_partitioning = false, union_by_name = true)
GROUP BY ALL
ORDER BY ALL
