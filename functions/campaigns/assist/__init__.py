"""Help from Gemini for the manager: plain words become a rule, which is checked as any other."""
