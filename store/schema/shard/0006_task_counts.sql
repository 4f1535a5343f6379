-- How many tasks there are in each state: tasks_active, tasks_paused, tasks_completed of meta, changed
-- in the transactions that change the tasks, so that a start need not count. Where they are missing, the next start
-- counts once. What a file may have of them is of before a program that does not know them.
DELETE FROM meta WHERE name IN ('tasks_active', 'tasks_paused', 'tasks_completed');
