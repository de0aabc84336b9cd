-- What is due is read endpoint by endpoint: a backlog of one must not be in the way of any other. Nothing asks for
-- what is due in all any more.
CREATE INDEX deliveries_by_endpoint ON deliveries (endpoint_id, next_at, id);
DROP INDEX deliveries_due;
