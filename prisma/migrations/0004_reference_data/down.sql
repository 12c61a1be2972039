SET ROLE chiron_migrator;

DELETE FROM permission;
DELETE FROM breed;
DELETE FROM species;
DELETE FROM unit;
DELETE FROM country_preset;

RESET ROLE;
