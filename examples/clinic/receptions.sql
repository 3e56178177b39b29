-- Приёмы, изменившиеся после отметки B24_CURSOR: одна запись JSON в строке. Нужен MS SQL 2016 или новее (FOR JSON).
-- Имена таблиц и колонок — пример; сверьте их со своей базой. Пользователю базы хватает права чтения.
SET NOCOUNT ON;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

SELECT (
    SELECT
        r.ReceptionID                                   AS [id],
        CONVERT(varchar(19), r.PlanStart, 126)          AS [start],
        CONVERT(varchar(19), r.PlanEnd, 126)            AS [end],
        p.CardNumber                                    AS [card],
        p.Surname                                       AS [surname],
        p.Name                                          AS [name],
        p.Patronymic                                    AS [patronymic],
        p.MobilePhone                                   AS [phone],
        p.ParentFullName                                AS [guardian],
        d.FullName                                      AS [doctor],
        d.Speciality                                    AS [speciality],
        b.Name                                          AS [branch],
        a.Number                                        AS [chair],
        -- Несколько заказов одного приёма складываются здесь: один ключ — одна запись.
        (SELECT STUFF((SELECT ', ' + s.Name FROM OrderServices s WHERE s.ReceptionID = r.ReceptionID
                       ORDER BY s.ID FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)'), 1, 2, ''))
                                                        AS [services],
        (SELECT CONVERT(varchar(30), SUM(s.Count * s.Price - s.Discount)) FROM OrderServices s
          WHERE s.ReceptionID = r.ReceptionID)          AS [amount],
        -- Первое из верных: отменён, счёт выдан, завершён, начат, пришёл.
        CASE
            WHEN r.Canceled IS NOT NULL        THEN N'Отменен'
            WHEN r.CheckIssued IS NOT NULL     THEN N'Завершен (счет выдан)'
            WHEN r.Ended IS NOT NULL           THEN N'Завершен'
            WHEN r.Started IS NOT NULL         THEN N'В процессе'
            WHEN r.PatientAppeared IS NOT NULL THEN N'Пациент пришел'
            ELSE N'Запланирован'
        END                                             AS [status],
        r.Comment                                       AS [comment],
        CONVERT(varchar(23), c.Changed, 126)            AS [changed]
    FOR JSON PATH, WITHOUT_ARRAY_WRAPPER, INCLUDE_NULL_VALUES
)
FROM Receptions r
JOIN Patients p ON p.PatientID = r.PatientID
JOIN Staffs d ON d.StaffID = r.StaffID
LEFT JOIN OwnCompanies b ON b.ID = r.OwnCompanyID
LEFT JOIN Armchairs a ON a.ID = r.ArmchairID
-- Всё, от чего зависит статус, двигает отметку; иначе переход потеряется.
CROSS APPLY (
    SELECT MAX(moment) AS Changed
    FROM (VALUES (r.DateTimeAdded), (r.DateTimeChanged), (r.PatientAppeared), (r.Started), (r.Ended), (r.CheckIssued),
                 (r.Canceled)) AS moments (moment)
) c
WHERE c.Changed >= '$(B24_CURSOR)'
ORDER BY c.Changed;
