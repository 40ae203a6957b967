"""What the CRM tells between two files: numbers that change hands, contracts that are suspended."""
