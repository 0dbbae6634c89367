-- The user of the target gets these rights and no others.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
grant role {{ writer }} to user {{ grantee }}
