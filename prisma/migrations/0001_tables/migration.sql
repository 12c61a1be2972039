SET ROLE chiron_migrator;

-- CreateTable
CREATE TABLE "organisation" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "name" TEXT NOT NULL,
    "country_code" CHAR(2) NOT NULL,
    "locale" TEXT NOT NULL DEFAULT 'es-MX',
    "share_patients" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "organisation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "clinic" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "country_code" CHAR(2) NOT NULL,
    "time_zone" TEXT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "locale" TEXT NOT NULL DEFAULT 'es-MX',
    "opens_minute" INTEGER NOT NULL DEFAULT 480,
    "closes_minute" INTEGER NOT NULL DEFAULT 1200,
    "archived_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "clinic_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "clinic_counter" (
    "organisation_id" UUID NOT NULL,
    "clinic_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "value" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "clinic_counter_pkey" PRIMARY KEY ("organisation_id","clinic_id","name")
);

-- CreateTable
CREATE TABLE "app_user" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "locale" TEXT NOT NULL DEFAULT 'es-MX',
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "app_user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "refresh_hash" BYTEA NOT NULL,
    "previous_hash" BYTEA,
    "rotated_at" TIMESTAMPTZ(3) NOT NULL,
    "last_active_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "revoked_reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "permission" (
    "code" TEXT NOT NULL,
    "class" TEXT NOT NULL,

    CONSTRAINT "permission_pkey" PRIMARY KEY ("code")
);

-- CreateTable
CREATE TABLE "role" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "name" TEXT,
    "parent_id" UUID,
    "is_clinical" BOOLEAN NOT NULL DEFAULT false,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "role_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "role_grant" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "role_id" UUID NOT NULL,
    "permission" TEXT NOT NULL,
    "effect" TEXT NOT NULL DEFAULT 'allow',
    "condition" TEXT NOT NULL DEFAULT 'all',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "role_grant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "role_assignment" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "role_id" UUID NOT NULL,
    "clinic_id" UUID,
    "valid_from" DATE NOT NULL DEFAULT CURRENT_DATE,
    "valid_until" DATE,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "role_assignment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotency_key" (
    "organisation_id" UUID NOT NULL,
    "actor_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "input_hash" BYTEA NOT NULL,
    "result" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_key_pkey" PRIMARY KEY ("organisation_id","actor_id","key","path")
);

-- CreateTable
CREATE TABLE "country_preset" (
    "code" CHAR(2) NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "time_zone" TEXT NOT NULL,
    "locale" TEXT NOT NULL,
    "tax_name" TEXT NOT NULL,
    "standard_tax_rate" DECIMAL(5,2) NOT NULL,

    CONSTRAINT "country_preset_pkey" PRIMARY KEY ("code")
);

-- CreateTable
CREATE TABLE "unit" (
    "code" TEXT NOT NULL,
    "name_es" TEXT NOT NULL,
    "name_en" TEXT NOT NULL,

    CONSTRAINT "unit_pkey" PRIMARY KEY ("code")
);

-- CreateTable
CREATE TABLE "service" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "category" TEXT NOT NULL,
    "unit_price" DECIMAL(18,6) NOT NULL,
    "tax_rate" DECIMAL(5,2) NOT NULL,
    "archived_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "service_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "invoice" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "clinic_id" UUID NOT NULL,
    "number" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "appointment_id" UUID,
    "client_id" UUID,
    "patient_id" UUID,
    "credits_id" UUID,
    "business_date" DATE NOT NULL,
    "posted_at" TIMESTAMPTZ(3) NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "subtotal_minor" BIGINT NOT NULL,
    "tax_minor" BIGINT NOT NULL,
    "total_minor" BIGINT NOT NULL,
    "paid_minor" BIGINT NOT NULL DEFAULT 0,
    "credited_minor" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "invoice_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "invoice_line" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "clinic_id" UUID NOT NULL,
    "invoice_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "service_id" UUID,
    "product_id" UUID,
    "lot_id" UUID,
    "clinician_id" UUID,
    "credits_line_id" UUID,
    "description" TEXT NOT NULL,
    "quantity" DECIMAL(18,6) NOT NULL,
    "unit_price" DECIMAL(18,6) NOT NULL,
    "tax_rate" DECIMAL(5,2) NOT NULL,
    "subtotal_minor" BIGINT NOT NULL,
    "tax_minor" BIGINT NOT NULL,
    "total_minor" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "invoice_line_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "payment" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "clinic_id" UUID NOT NULL,
    "client_id" UUID,
    "method" TEXT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "allocated_minor" BIGINT NOT NULL DEFAULT 0,
    "received_by_id" UUID,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "payment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "payment_allocation" (
    "organisation_id" UUID NOT NULL,
    "clinic_id" UUID NOT NULL,
    "payment_id" UUID NOT NULL,
    "invoice_id" UUID NOT NULL,
    "amount_minor" BIGINT NOT NULL,

    CONSTRAINT "payment_allocation_pkey" PRIMARY KEY ("clinic_id","payment_id","invoice_id")
);

-- CreateTable
CREATE TABLE "product_family" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "product_family_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "product" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "family_id" UUID,
    "sku" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "category" TEXT NOT NULL,
    "unit_code" TEXT NOT NULL,
    "unit_price" DECIMAL(18,6) NOT NULL,
    "tax_rate" DECIMAL(5,2) NOT NULL,
    "is_lot_tracked" BOOLEAN NOT NULL DEFAULT false,
    "archived_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "product_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "stock_level" (
    "organisation_id" UUID NOT NULL,
    "clinic_id" UUID NOT NULL,
    "product_id" UUID NOT NULL,
    "on_hand" DECIMAL(18,6) NOT NULL DEFAULT 0,
    "critical_level" DECIMAL(18,6) NOT NULL DEFAULT 0,
    "ideal_level" DECIMAL(18,6) NOT NULL DEFAULT 0,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "stock_level_pkey" PRIMARY KEY ("organisation_id","clinic_id","product_id")
);

-- CreateTable
CREATE TABLE "lot" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "clinic_id" UUID NOT NULL,
    "product_id" UUID NOT NULL,
    "number" TEXT NOT NULL,
    "expires_on" DATE,
    "on_hand" DECIMAL(18,6) NOT NULL DEFAULT 0,
    "status" TEXT NOT NULL DEFAULT 'active',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "lot_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "stock_movement" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "clinic_id" UUID NOT NULL,
    "product_id" UUID NOT NULL,
    "lot_id" UUID,
    "kind" TEXT NOT NULL,
    "quantity" DECIMAL(18,6) NOT NULL,
    "reason" TEXT,
    "invoice_line_id" UUID,
    "recorded_by_id" UUID,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "stock_movement_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "note_template" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "locale" TEXT NOT NULL DEFAULT 'es-MX',
    "archived_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "note_template_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "clinical_note" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "clinic_id" UUID NOT NULL,
    "patient_id" UUID NOT NULL,
    "appointment_id" UUID,
    "template_id" UUID,
    "author_id" UUID NOT NULL,
    "amends_id" UUID,
    "kind" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'draft',
    "signed_at" TIMESTAMPTZ(3),
    "signed_by_id" UUID,
    "version" INTEGER NOT NULL DEFAULT 1,
    "written_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "clinical_note_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "clinical_note_version" (
    "organisation_id" UUID NOT NULL,
    "clinic_id" UUID NOT NULL,
    "note_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "author_id" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "clinical_note_version_pkey" PRIMARY KEY ("organisation_id","note_id","version")
);

-- CreateTable
CREATE TABLE "species" (
    "code" TEXT NOT NULL,
    "name_es" TEXT NOT NULL,
    "name_en" TEXT NOT NULL,

    CONSTRAINT "species_pkey" PRIMARY KEY ("code")
);

-- CreateTable
CREATE TABLE "breed" (
    "code" TEXT NOT NULL,
    "species_code" TEXT NOT NULL,
    "name_es" TEXT NOT NULL,
    "name_en" TEXT NOT NULL,

    CONSTRAINT "breed_pkey" PRIMARY KEY ("code")
);

-- CreateTable
CREATE TABLE "client" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "phone" TEXT,
    "email" TEXT,
    "address" TEXT,
    "tax_id" TEXT,
    "locale" TEXT NOT NULL DEFAULT 'es-MX',
    "country_code" CHAR(2) NOT NULL DEFAULT 'MX',
    "archived_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "client_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "patient" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "home_clinic_id" UUID NOT NULL,
    "client_id" UUID NOT NULL,
    "record_number" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "species_code" TEXT NOT NULL,
    "breed_code" TEXT,
    "sex" TEXT NOT NULL DEFAULT 'unknown',
    "is_neutered" BOOLEAN NOT NULL DEFAULT false,
    "born_on" DATE,
    "died_on" DATE,
    "microchip" TEXT,
    "colour" TEXT,
    "allergies" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "alerts" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "weight_kg" DECIMAL(8,3),
    "archived_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "patient_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "room" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "clinic_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL DEFAULT 'consultation',
    "position" INTEGER NOT NULL DEFAULT 0,
    "archived_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "room_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "appointment_type" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "duration_minutes" INTEGER NOT NULL,
    "colour" TEXT NOT NULL DEFAULT '#228be6',
    "service_id" UUID,
    "archived_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "appointment_type_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "appointment" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "clinic_id" UUID NOT NULL,
    "patient_id" UUID NOT NULL,
    "type_id" UUID NOT NULL,
    "staff_id" UUID NOT NULL,
    "room_id" UUID,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'scheduled',
    "reason" TEXT,
    "confirmed_at" TIMESTAMPTZ(3),
    "checked_in_at" TIMESTAMPTZ(3),
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "checked_out_at" TIMESTAMPTZ(3),
    "cancelled_at" TIMESTAMPTZ(3),
    "no_show_at" TIMESTAMPTZ(3),
    "cancel_reason" TEXT,
    "overbook_reason" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "appointment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "resource_claim" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "clinic_id" UUID NOT NULL,
    "appointment_id" UUID NOT NULL,
    "resource_id" UUID NOT NULL,
    "staff_id" UUID,
    "room_id" UUID,
    "lane" SMALLINT NOT NULL DEFAULT 0,
    "during" tstzrange NOT NULL,

    CONSTRAINT "resource_claim_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "staff_profile" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "user_id" UUID,
    "primary_clinic_id" UUID,
    "employee_number" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "position" TEXT NOT NULL,
    "hired_on" DATE NOT NULL,
    "terminated_on" DATE,
    "licence_number" TEXT,
    "specialisations" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "colour" TEXT NOT NULL DEFAULT '#228be6',
    "is_bookable" BOOLEAN NOT NULL DEFAULT false,
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "staff_profile_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "weekly_schedule" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organisation_id" UUID NOT NULL,
    "clinic_id" UUID NOT NULL,
    "staff_id" UUID NOT NULL,
    "weekday" SMALLINT NOT NULL,
    "start_minute" SMALLINT NOT NULL,
    "end_minute" SMALLINT NOT NULL,
    "valid_from" DATE NOT NULL,
    "valid_until" DATE,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "weekly_schedule_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "clinic_organisation_id_id_key" ON "clinic"("organisation_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "app_user_email_key" ON "app_user"("email");

-- CreateIndex
CREATE UNIQUE INDEX "app_user_organisation_id_id_key" ON "app_user"("organisation_id", "id");

-- CreateIndex
CREATE INDEX "session_organisation_id_user_id_idx" ON "session"("organisation_id", "user_id");

-- CreateIndex
CREATE INDEX "role_organisation_id_parent_id_idx" ON "role"("organisation_id", "parent_id");

-- CreateIndex
CREATE UNIQUE INDEX "role_organisation_id_id_key" ON "role"("organisation_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "role_organisation_id_code_key" ON "role"("organisation_id", "code");

-- CreateIndex
CREATE INDEX "role_grant_permission_idx" ON "role_grant"("permission");

-- CreateIndex
CREATE UNIQUE INDEX "role_grant_organisation_id_role_id_permission_effect_key" ON "role_grant"("organisation_id", "role_id", "permission", "effect");

-- CreateIndex
CREATE INDEX "role_assignment_organisation_id_user_id_idx" ON "role_assignment"("organisation_id", "user_id");

-- CreateIndex
CREATE INDEX "role_assignment_organisation_id_role_id_idx" ON "role_assignment"("organisation_id", "role_id");

-- CreateIndex
CREATE INDEX "role_assignment_organisation_id_clinic_id_idx" ON "role_assignment"("organisation_id", "clinic_id");

-- CreateIndex
CREATE INDEX "idempotency_key_created_at_idx" ON "idempotency_key"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "service_organisation_id_id_key" ON "service"("organisation_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "service_organisation_id_code_key" ON "service"("organisation_id", "code");

-- CreateIndex
CREATE INDEX "invoice_organisation_id_clinic_id_business_date_idx" ON "invoice"("organisation_id", "clinic_id", "business_date");

-- CreateIndex
CREATE INDEX "invoice_clinic_id_appointment_id_idx" ON "invoice"("clinic_id", "appointment_id");

-- CreateIndex
CREATE INDEX "invoice_organisation_id_client_id_idx" ON "invoice"("organisation_id", "client_id");

-- CreateIndex
CREATE INDEX "invoice_organisation_id_patient_id_idx" ON "invoice"("organisation_id", "patient_id");

-- CreateIndex
CREATE INDEX "invoice_clinic_id_credits_id_idx" ON "invoice"("clinic_id", "credits_id");

-- CreateIndex
CREATE UNIQUE INDEX "invoice_organisation_id_id_key" ON "invoice"("organisation_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "invoice_clinic_id_id_key" ON "invoice"("clinic_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "invoice_clinic_id_number_key" ON "invoice"("clinic_id", "number");

-- CreateIndex
CREATE INDEX "invoice_line_organisation_id_clinic_id_idx" ON "invoice_line"("organisation_id", "clinic_id");

-- CreateIndex
CREATE INDEX "invoice_line_organisation_id_service_id_idx" ON "invoice_line"("organisation_id", "service_id");

-- CreateIndex
CREATE INDEX "invoice_line_organisation_id_product_id_idx" ON "invoice_line"("organisation_id", "product_id");

-- CreateIndex
CREATE INDEX "invoice_line_clinic_id_lot_id_idx" ON "invoice_line"("clinic_id", "lot_id");

-- CreateIndex
CREATE INDEX "invoice_line_organisation_id_clinician_id_idx" ON "invoice_line"("organisation_id", "clinician_id");

-- CreateIndex
CREATE UNIQUE INDEX "invoice_line_clinic_id_id_key" ON "invoice_line"("clinic_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "invoice_line_clinic_id_invoice_id_position_key" ON "invoice_line"("clinic_id", "invoice_id", "position");

-- CreateIndex
CREATE UNIQUE INDEX "invoice_line_clinic_id_credits_line_id_key" ON "invoice_line"("clinic_id", "credits_line_id");

-- CreateIndex
CREATE INDEX "payment_organisation_id_clinic_id_received_at_idx" ON "payment"("organisation_id", "clinic_id", "received_at");

-- CreateIndex
CREATE INDEX "payment_organisation_id_client_id_idx" ON "payment"("organisation_id", "client_id");

-- CreateIndex
CREATE INDEX "payment_organisation_id_received_by_id_idx" ON "payment"("organisation_id", "received_by_id");

-- CreateIndex
CREATE UNIQUE INDEX "payment_clinic_id_id_key" ON "payment"("clinic_id", "id");

-- CreateIndex
CREATE INDEX "payment_allocation_organisation_id_clinic_id_idx" ON "payment_allocation"("organisation_id", "clinic_id");

-- CreateIndex
CREATE INDEX "payment_allocation_clinic_id_invoice_id_idx" ON "payment_allocation"("clinic_id", "invoice_id");

-- CreateIndex
CREATE UNIQUE INDEX "product_family_organisation_id_id_key" ON "product_family"("organisation_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "product_family_organisation_id_name_key" ON "product_family"("organisation_id", "name");

-- CreateIndex
CREATE INDEX "product_organisation_id_family_id_idx" ON "product"("organisation_id", "family_id");

-- CreateIndex
CREATE INDEX "product_unit_code_idx" ON "product"("unit_code");

-- CreateIndex
CREATE UNIQUE INDEX "product_organisation_id_id_key" ON "product"("organisation_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "product_organisation_id_sku_key" ON "product"("organisation_id", "sku");

-- CreateIndex
CREATE INDEX "stock_level_organisation_id_product_id_idx" ON "stock_level"("organisation_id", "product_id");

-- CreateIndex
CREATE INDEX "lot_organisation_id_clinic_id_expires_on_idx" ON "lot"("organisation_id", "clinic_id", "expires_on");

-- CreateIndex
CREATE INDEX "lot_organisation_id_product_id_idx" ON "lot"("organisation_id", "product_id");

-- CreateIndex
CREATE UNIQUE INDEX "lot_organisation_id_id_key" ON "lot"("organisation_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "lot_clinic_id_id_key" ON "lot"("clinic_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "lot_clinic_id_product_id_number_key" ON "lot"("clinic_id", "product_id", "number");

-- CreateIndex
CREATE INDEX "stock_movement_organisation_id_clinic_id_occurred_at_idx" ON "stock_movement"("organisation_id", "clinic_id", "occurred_at");

-- CreateIndex
CREATE INDEX "stock_movement_organisation_id_product_id_occurred_at_idx" ON "stock_movement"("organisation_id", "product_id", "occurred_at");

-- CreateIndex
CREATE INDEX "stock_movement_clinic_id_lot_id_idx" ON "stock_movement"("clinic_id", "lot_id");

-- CreateIndex
CREATE INDEX "stock_movement_clinic_id_invoice_line_id_idx" ON "stock_movement"("clinic_id", "invoice_line_id");

-- CreateIndex
CREATE INDEX "stock_movement_organisation_id_recorded_by_id_idx" ON "stock_movement"("organisation_id", "recorded_by_id");

-- CreateIndex
CREATE UNIQUE INDEX "note_template_organisation_id_id_key" ON "note_template"("organisation_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "note_template_organisation_id_name_locale_key" ON "note_template"("organisation_id", "name", "locale");

-- CreateIndex
CREATE INDEX "clinical_note_organisation_id_clinic_id_idx" ON "clinical_note"("organisation_id", "clinic_id");

-- CreateIndex
CREATE INDEX "clinical_note_organisation_id_patient_id_written_at_idx" ON "clinical_note"("organisation_id", "patient_id", "written_at");

-- CreateIndex
CREATE INDEX "clinical_note_organisation_id_appointment_id_idx" ON "clinical_note"("organisation_id", "appointment_id");

-- CreateIndex
CREATE INDEX "clinical_note_organisation_id_template_id_idx" ON "clinical_note"("organisation_id", "template_id");

-- CreateIndex
CREATE INDEX "clinical_note_organisation_id_author_id_idx" ON "clinical_note"("organisation_id", "author_id");

-- CreateIndex
CREATE INDEX "clinical_note_organisation_id_signed_by_id_idx" ON "clinical_note"("organisation_id", "signed_by_id");

-- CreateIndex
CREATE INDEX "clinical_note_organisation_id_amends_id_idx" ON "clinical_note"("organisation_id", "amends_id");

-- CreateIndex
CREATE UNIQUE INDEX "clinical_note_organisation_id_id_key" ON "clinical_note"("organisation_id", "id");

-- CreateIndex
CREATE INDEX "clinical_note_version_organisation_id_clinic_id_idx" ON "clinical_note_version"("organisation_id", "clinic_id");

-- CreateIndex
CREATE INDEX "clinical_note_version_organisation_id_author_id_idx" ON "clinical_note_version"("organisation_id", "author_id");

-- CreateIndex
CREATE INDEX "breed_species_code_idx" ON "breed"("species_code");

-- CreateIndex
CREATE INDEX "client_organisation_id_name_id_idx" ON "client"("organisation_id", "name", "id");

-- CreateIndex
CREATE UNIQUE INDEX "client_organisation_id_id_key" ON "client"("organisation_id", "id");

-- CreateIndex
CREATE INDEX "patient_organisation_id_home_clinic_id_idx" ON "patient"("organisation_id", "home_clinic_id");

-- CreateIndex
CREATE INDEX "patient_organisation_id_client_id_idx" ON "patient"("organisation_id", "client_id");

-- CreateIndex
CREATE INDEX "patient_organisation_id_name_id_idx" ON "patient"("organisation_id", "name", "id");

-- CreateIndex
CREATE INDEX "patient_species_code_idx" ON "patient"("species_code");

-- CreateIndex
CREATE INDEX "patient_breed_code_idx" ON "patient"("breed_code");

-- CreateIndex
CREATE UNIQUE INDEX "patient_organisation_id_id_key" ON "patient"("organisation_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "patient_organisation_id_record_number_key" ON "patient"("organisation_id", "record_number");

-- CreateIndex
CREATE UNIQUE INDEX "patient_organisation_id_microchip_key" ON "patient"("organisation_id", "microchip");

-- CreateIndex
CREATE INDEX "room_organisation_id_clinic_id_idx" ON "room"("organisation_id", "clinic_id");

-- CreateIndex
CREATE UNIQUE INDEX "room_organisation_id_id_key" ON "room"("organisation_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "room_clinic_id_id_key" ON "room"("clinic_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "room_clinic_id_name_key" ON "room"("clinic_id", "name");

-- CreateIndex
CREATE INDEX "appointment_type_organisation_id_service_id_idx" ON "appointment_type"("organisation_id", "service_id");

-- CreateIndex
CREATE UNIQUE INDEX "appointment_type_organisation_id_id_key" ON "appointment_type"("organisation_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "appointment_type_organisation_id_code_key" ON "appointment_type"("organisation_id", "code");

-- CreateIndex
CREATE INDEX "appointment_organisation_id_clinic_id_starts_at_idx" ON "appointment"("organisation_id", "clinic_id", "starts_at");

-- CreateIndex
CREATE INDEX "appointment_organisation_id_patient_id_starts_at_idx" ON "appointment"("organisation_id", "patient_id", "starts_at");

-- CreateIndex
CREATE INDEX "appointment_organisation_id_type_id_idx" ON "appointment"("organisation_id", "type_id");

-- CreateIndex
CREATE INDEX "appointment_organisation_id_staff_id_starts_at_idx" ON "appointment"("organisation_id", "staff_id", "starts_at");

-- CreateIndex
CREATE INDEX "appointment_clinic_id_room_id_idx" ON "appointment"("clinic_id", "room_id");

-- CreateIndex
CREATE UNIQUE INDEX "appointment_organisation_id_id_key" ON "appointment"("organisation_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "appointment_clinic_id_id_key" ON "appointment"("clinic_id", "id");

-- CreateIndex
CREATE INDEX "resource_claim_organisation_id_clinic_id_idx" ON "resource_claim"("organisation_id", "clinic_id");

-- CreateIndex
CREATE INDEX "resource_claim_clinic_id_appointment_id_idx" ON "resource_claim"("clinic_id", "appointment_id");

-- CreateIndex
CREATE INDEX "resource_claim_organisation_id_staff_id_idx" ON "resource_claim"("organisation_id", "staff_id");

-- CreateIndex
CREATE INDEX "resource_claim_clinic_id_room_id_idx" ON "resource_claim"("clinic_id", "room_id");

-- CreateIndex
CREATE INDEX "staff_profile_organisation_id_primary_clinic_id_idx" ON "staff_profile"("organisation_id", "primary_clinic_id");

-- CreateIndex
CREATE UNIQUE INDEX "staff_profile_organisation_id_id_key" ON "staff_profile"("organisation_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "staff_profile_organisation_id_employee_number_key" ON "staff_profile"("organisation_id", "employee_number");

-- CreateIndex
CREATE UNIQUE INDEX "staff_profile_organisation_id_user_id_key" ON "staff_profile"("organisation_id", "user_id");

-- CreateIndex
CREATE INDEX "weekly_schedule_organisation_id_clinic_id_idx" ON "weekly_schedule"("organisation_id", "clinic_id");

-- CreateIndex
CREATE INDEX "weekly_schedule_organisation_id_staff_id_idx" ON "weekly_schedule"("organisation_id", "staff_id");

-- AddForeignKey
ALTER TABLE "clinic" ADD CONSTRAINT "clinic_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "clinic_counter" ADD CONSTRAINT "clinic_counter_organisation_id_clinic_id_fkey" FOREIGN KEY ("organisation_id", "clinic_id") REFERENCES "clinic"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "app_user" ADD CONSTRAINT "app_user_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_organisation_id_user_id_fkey" FOREIGN KEY ("organisation_id", "user_id") REFERENCES "app_user"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "role" ADD CONSTRAINT "role_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "role" ADD CONSTRAINT "role_organisation_id_parent_id_fkey" FOREIGN KEY ("organisation_id", "parent_id") REFERENCES "role"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "role_grant" ADD CONSTRAINT "role_grant_organisation_id_role_id_fkey" FOREIGN KEY ("organisation_id", "role_id") REFERENCES "role"("organisation_id", "id") ON DELETE CASCADE ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "role_grant" ADD CONSTRAINT "role_grant_permission_fkey" FOREIGN KEY ("permission") REFERENCES "permission"("code") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "role_assignment" ADD CONSTRAINT "role_assignment_organisation_id_user_id_fkey" FOREIGN KEY ("organisation_id", "user_id") REFERENCES "app_user"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "role_assignment" ADD CONSTRAINT "role_assignment_organisation_id_role_id_fkey" FOREIGN KEY ("organisation_id", "role_id") REFERENCES "role"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "role_assignment" ADD CONSTRAINT "role_assignment_organisation_id_clinic_id_fkey" FOREIGN KEY ("organisation_id", "clinic_id") REFERENCES "clinic"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "invoice" ADD CONSTRAINT "invoice_organisation_id_clinic_id_fkey" FOREIGN KEY ("organisation_id", "clinic_id") REFERENCES "clinic"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "invoice" ADD CONSTRAINT "invoice_clinic_id_appointment_id_fkey" FOREIGN KEY ("clinic_id", "appointment_id") REFERENCES "appointment"("clinic_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "invoice" ADD CONSTRAINT "invoice_organisation_id_client_id_fkey" FOREIGN KEY ("organisation_id", "client_id") REFERENCES "client"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "invoice" ADD CONSTRAINT "invoice_organisation_id_patient_id_fkey" FOREIGN KEY ("organisation_id", "patient_id") REFERENCES "patient"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "invoice" ADD CONSTRAINT "invoice_clinic_id_credits_id_fkey" FOREIGN KEY ("clinic_id", "credits_id") REFERENCES "invoice"("clinic_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "invoice_line" ADD CONSTRAINT "invoice_line_organisation_id_clinic_id_fkey" FOREIGN KEY ("organisation_id", "clinic_id") REFERENCES "clinic"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "invoice_line" ADD CONSTRAINT "invoice_line_clinic_id_invoice_id_fkey" FOREIGN KEY ("clinic_id", "invoice_id") REFERENCES "invoice"("clinic_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "invoice_line" ADD CONSTRAINT "invoice_line_organisation_id_service_id_fkey" FOREIGN KEY ("organisation_id", "service_id") REFERENCES "service"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "invoice_line" ADD CONSTRAINT "invoice_line_organisation_id_product_id_fkey" FOREIGN KEY ("organisation_id", "product_id") REFERENCES "product"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "invoice_line" ADD CONSTRAINT "invoice_line_clinic_id_lot_id_fkey" FOREIGN KEY ("clinic_id", "lot_id") REFERENCES "lot"("clinic_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "invoice_line" ADD CONSTRAINT "invoice_line_organisation_id_clinician_id_fkey" FOREIGN KEY ("organisation_id", "clinician_id") REFERENCES "staff_profile"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "invoice_line" ADD CONSTRAINT "invoice_line_clinic_id_credits_line_id_fkey" FOREIGN KEY ("clinic_id", "credits_line_id") REFERENCES "invoice_line"("clinic_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "payment" ADD CONSTRAINT "payment_organisation_id_clinic_id_fkey" FOREIGN KEY ("organisation_id", "clinic_id") REFERENCES "clinic"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "payment" ADD CONSTRAINT "payment_organisation_id_client_id_fkey" FOREIGN KEY ("organisation_id", "client_id") REFERENCES "client"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "payment" ADD CONSTRAINT "payment_organisation_id_received_by_id_fkey" FOREIGN KEY ("organisation_id", "received_by_id") REFERENCES "staff_profile"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "payment_allocation" ADD CONSTRAINT "payment_allocation_organisation_id_clinic_id_fkey" FOREIGN KEY ("organisation_id", "clinic_id") REFERENCES "clinic"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "payment_allocation" ADD CONSTRAINT "payment_allocation_clinic_id_payment_id_fkey" FOREIGN KEY ("clinic_id", "payment_id") REFERENCES "payment"("clinic_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "payment_allocation" ADD CONSTRAINT "payment_allocation_clinic_id_invoice_id_fkey" FOREIGN KEY ("clinic_id", "invoice_id") REFERENCES "invoice"("clinic_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "product" ADD CONSTRAINT "product_organisation_id_family_id_fkey" FOREIGN KEY ("organisation_id", "family_id") REFERENCES "product_family"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "product" ADD CONSTRAINT "product_unit_code_fkey" FOREIGN KEY ("unit_code") REFERENCES "unit"("code") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "stock_level" ADD CONSTRAINT "stock_level_organisation_id_clinic_id_fkey" FOREIGN KEY ("organisation_id", "clinic_id") REFERENCES "clinic"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "stock_level" ADD CONSTRAINT "stock_level_organisation_id_product_id_fkey" FOREIGN KEY ("organisation_id", "product_id") REFERENCES "product"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "lot" ADD CONSTRAINT "lot_organisation_id_clinic_id_fkey" FOREIGN KEY ("organisation_id", "clinic_id") REFERENCES "clinic"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "lot" ADD CONSTRAINT "lot_organisation_id_product_id_fkey" FOREIGN KEY ("organisation_id", "product_id") REFERENCES "product"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "stock_movement" ADD CONSTRAINT "stock_movement_organisation_id_clinic_id_fkey" FOREIGN KEY ("organisation_id", "clinic_id") REFERENCES "clinic"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "stock_movement" ADD CONSTRAINT "stock_movement_organisation_id_product_id_fkey" FOREIGN KEY ("organisation_id", "product_id") REFERENCES "product"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "stock_movement" ADD CONSTRAINT "stock_movement_clinic_id_lot_id_fkey" FOREIGN KEY ("clinic_id", "lot_id") REFERENCES "lot"("clinic_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "stock_movement" ADD CONSTRAINT "stock_movement_clinic_id_invoice_line_id_fkey" FOREIGN KEY ("clinic_id", "invoice_line_id") REFERENCES "invoice_line"("clinic_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "stock_movement" ADD CONSTRAINT "stock_movement_organisation_id_recorded_by_id_fkey" FOREIGN KEY ("organisation_id", "recorded_by_id") REFERENCES "staff_profile"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "clinical_note" ADD CONSTRAINT "clinical_note_organisation_id_clinic_id_fkey" FOREIGN KEY ("organisation_id", "clinic_id") REFERENCES "clinic"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "clinical_note" ADD CONSTRAINT "clinical_note_organisation_id_patient_id_fkey" FOREIGN KEY ("organisation_id", "patient_id") REFERENCES "patient"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "clinical_note" ADD CONSTRAINT "clinical_note_organisation_id_appointment_id_fkey" FOREIGN KEY ("organisation_id", "appointment_id") REFERENCES "appointment"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "clinical_note" ADD CONSTRAINT "clinical_note_organisation_id_template_id_fkey" FOREIGN KEY ("organisation_id", "template_id") REFERENCES "note_template"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "clinical_note" ADD CONSTRAINT "clinical_note_organisation_id_author_id_fkey" FOREIGN KEY ("organisation_id", "author_id") REFERENCES "staff_profile"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "clinical_note" ADD CONSTRAINT "clinical_note_organisation_id_signed_by_id_fkey" FOREIGN KEY ("organisation_id", "signed_by_id") REFERENCES "staff_profile"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "clinical_note" ADD CONSTRAINT "clinical_note_organisation_id_amends_id_fkey" FOREIGN KEY ("organisation_id", "amends_id") REFERENCES "clinical_note"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "clinical_note_version" ADD CONSTRAINT "clinical_note_version_organisation_id_clinic_id_fkey" FOREIGN KEY ("organisation_id", "clinic_id") REFERENCES "clinic"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "clinical_note_version" ADD CONSTRAINT "clinical_note_version_organisation_id_note_id_fkey" FOREIGN KEY ("organisation_id", "note_id") REFERENCES "clinical_note"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "clinical_note_version" ADD CONSTRAINT "clinical_note_version_organisation_id_author_id_fkey" FOREIGN KEY ("organisation_id", "author_id") REFERENCES "staff_profile"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "breed" ADD CONSTRAINT "breed_species_code_fkey" FOREIGN KEY ("species_code") REFERENCES "species"("code") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "client" ADD CONSTRAINT "client_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "patient" ADD CONSTRAINT "patient_organisation_id_home_clinic_id_fkey" FOREIGN KEY ("organisation_id", "home_clinic_id") REFERENCES "clinic"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "patient" ADD CONSTRAINT "patient_organisation_id_client_id_fkey" FOREIGN KEY ("organisation_id", "client_id") REFERENCES "client"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "patient" ADD CONSTRAINT "patient_species_code_fkey" FOREIGN KEY ("species_code") REFERENCES "species"("code") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "patient" ADD CONSTRAINT "patient_breed_code_fkey" FOREIGN KEY ("breed_code") REFERENCES "breed"("code") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "room" ADD CONSTRAINT "room_organisation_id_clinic_id_fkey" FOREIGN KEY ("organisation_id", "clinic_id") REFERENCES "clinic"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "appointment_type" ADD CONSTRAINT "appointment_type_organisation_id_service_id_fkey" FOREIGN KEY ("organisation_id", "service_id") REFERENCES "service"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "appointment" ADD CONSTRAINT "appointment_organisation_id_clinic_id_fkey" FOREIGN KEY ("organisation_id", "clinic_id") REFERENCES "clinic"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "appointment" ADD CONSTRAINT "appointment_organisation_id_patient_id_fkey" FOREIGN KEY ("organisation_id", "patient_id") REFERENCES "patient"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "appointment" ADD CONSTRAINT "appointment_organisation_id_type_id_fkey" FOREIGN KEY ("organisation_id", "type_id") REFERENCES "appointment_type"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "appointment" ADD CONSTRAINT "appointment_organisation_id_staff_id_fkey" FOREIGN KEY ("organisation_id", "staff_id") REFERENCES "staff_profile"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "appointment" ADD CONSTRAINT "appointment_clinic_id_room_id_fkey" FOREIGN KEY ("clinic_id", "room_id") REFERENCES "room"("clinic_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "resource_claim" ADD CONSTRAINT "resource_claim_organisation_id_clinic_id_fkey" FOREIGN KEY ("organisation_id", "clinic_id") REFERENCES "clinic"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "resource_claim" ADD CONSTRAINT "resource_claim_clinic_id_appointment_id_fkey" FOREIGN KEY ("clinic_id", "appointment_id") REFERENCES "appointment"("clinic_id", "id") ON DELETE CASCADE ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "resource_claim" ADD CONSTRAINT "resource_claim_organisation_id_staff_id_fkey" FOREIGN KEY ("organisation_id", "staff_id") REFERENCES "staff_profile"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "resource_claim" ADD CONSTRAINT "resource_claim_clinic_id_room_id_fkey" FOREIGN KEY ("clinic_id", "room_id") REFERENCES "room"("clinic_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "staff_profile" ADD CONSTRAINT "staff_profile_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "staff_profile" ADD CONSTRAINT "staff_profile_organisation_id_user_id_fkey" FOREIGN KEY ("organisation_id", "user_id") REFERENCES "app_user"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "staff_profile" ADD CONSTRAINT "staff_profile_organisation_id_primary_clinic_id_fkey" FOREIGN KEY ("organisation_id", "primary_clinic_id") REFERENCES "clinic"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "weekly_schedule" ADD CONSTRAINT "weekly_schedule_organisation_id_clinic_id_fkey" FOREIGN KEY ("organisation_id", "clinic_id") REFERENCES "clinic"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "weekly_schedule" ADD CONSTRAINT "weekly_schedule_organisation_id_staff_id_fkey" FOREIGN KEY ("organisation_id", "staff_id") REFERENCES "staff_profile"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

RESET ROLE;
