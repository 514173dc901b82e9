-- What was announced for messages that were stored twice and are gone.
DELETE FROM core.media AS media
WHERE NOT EXISTS (
    FROM core.message AS message
    WHERE message.account = media.account AND message.seq = media.seq AND message.item = media.item
);
