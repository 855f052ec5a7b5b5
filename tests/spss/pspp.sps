* pspp pspp.sps   (PSPP 1.6.2) wrote pspp.sav, pspp_uncompressed.sav and pspp.zsav.
DATA LIST LIST (";") /id (F4.0) sex (F1.0) age (F3.0) q1 (F1.0) b1 (F1.0) b2 (F1.0) b3 (F1.0) m1 (F2.0) m2 (F2.0) seen (DATE11) wt (F8.3) town (A12) said (A300).
BEGIN DATA
1;1;34;1;1;0;0;1;2;01-MAR-2026;0.9;Leeds;It was good
2;2;51;5;0;0;1;3;;02-MAR-2026;1.1;York;
3;2;29;8;1;1;0;2;1;03-MAR-2026;1.0;Hull;Zoë was there
4;1;999;2;0;0;0;;;04-MAR-2026;1.25;Leeds;
5;2;43;97;1;0;1;1;3;;0.75;York;x
END DATA.
VARIABLE LABELS sex "Sex of respondent" age "Age in years" q1 "How satisfied are you?" b1 "Owns a bicycle" b2 "Owns a car" b3 "Owns a boat" m1 "First reason" m2 "Second reason" wt "Weight".
VALUE LABELS sex 1 "Male" 2 "Female" /q1 1 "Very dissatisfied" 2 "Dissatisfied" 3 "Neither" 4 "Satisfied" 5 "Very satisfied" 8 "Don't know" 97 "Refused" /m1 m2 1 "Price" 2 "Speed" 3 "Comfort" 4 "Other" /b1 b2 b3 0 "No" 1 "Yes".
MISSING VALUES q1 (8, 97) age (900 THRU HIGHEST).
MRSETS /MDGROUP NAME=$own LABEL="What do you own?" VARIABLES=b1 b2 b3 VALUE=1 /MCGROUP NAME=$why LABEL="Why?" VARIABLES=m1 m2.
WEIGHT BY wt.
SAVE OUTFILE="pspp.sav".
SAVE OUTFILE="pspp_uncompressed.sav" /UNCOMPRESSED.
SAVE OUTFILE="pspp.zsav" /ZCOMPRESSED.
